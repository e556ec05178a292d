"""All the scorers, by name.  A new one is added here, and the contract suite tests it."""

from recommender.scorers import Scorer
from recommender.scorers.als import ALS
from recommender.scorers.blend import Ensemble
from recommender.scorers.content import Content
from recommender.scorers.item_knn import ItemKNN
from recommender.scorers.popularity import CommunityPopularity, Popularity
from recommender.scorers.svd import LatentSVD
from recommender.scorers.tag_regression import Tagged
from recommender.scorers.user_item import UserItem
from recommender.scorers.user_knn import UserKNN

SERVED: tuple[type[Scorer], ...] = (Popularity, CommunityPopularity, Ensemble, Content)
"""What a snapshot holds on both axes; the others are what it is compared with."""

SERVED_ARTISTS: tuple[type[Scorer], ...] = (*SERVED, Tagged)
"""What it holds of artists: songs carry what is said about their artist."""

_OTHERS: tuple[type[Scorer], ...] = (UserKNN, ItemKNN, UserItem, ALS, LatentSVD)
SCORERS: dict[str, type[Scorer]] = {scorer.name: scorer for scorer in (*SERVED_ARTISTS, *_OTHERS)}
