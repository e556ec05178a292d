"""How good the models are: data sets, protocols and metrics.  Nothing here touches the music database."""
