"""Textbook scorers as baselines; they meet the product's contract and are not served."""

from recommender.evaluation.baseline_scorers.als import ALS
from recommender.evaluation.baseline_scorers.item_neighbours import ItemNeighbours
from recommender.evaluation.baseline_scorers.latent_svd import LatentSVD
from recommender.evaluation.baseline_scorers.user_item import UserItem
from recommender.evaluation.baseline_scorers.user_neighbours import UserNeighbours
from recommender.scorers import Scorer

BASELINE_SCORERS: tuple[type[Scorer], ...] = (UserNeighbours, ItemNeighbours, UserItem, ALS, LatentSVD)
