"""Registry of all models by name. Add a model here to evaluate it and to run the contract tests on it."""

from recommender.models.autoencoder import Autoencoder
from recommender.models.base import Model
from recommender.models.ease import Ease, PlainEase, SparseEase, TaggedEase
from recommender.models.ials import IALS
from recommender.models.kernel import Kernel
from recommender.models.neighbours import ItemKNN, RP3Beta
from recommender.models.spectral import PureSVD
from recommender.models.taste import GaussianTaste
from recommender.models.user_knn import UserKNN

MODELS: dict[str, type[Model]] = {
    model.name: model
    for model in (
        PlainEase,
        Ease,
        SparseEase,
        TaggedEase,
        PureSVD,
        IALS,
        Kernel,
        Autoencoder,
        GaussianTaste,
        ItemKNN,
        RP3Beta,
        UserKNN,
    )
}
