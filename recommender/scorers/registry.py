"""All the models, by name.  A new one is added here, and the contract suite tests it."""

from recommender.scorers import Scorer
from recommender.scorers.als import ALS
from recommender.scorers.content import Content
from recommender.scorers.item_knn import ItemKNN
from recommender.scorers.popularity import CommunityPopularity, Popularity
from recommender.scorers.svd import LatentSVD
from recommender.scorers.user_item import UserItem
from recommender.scorers.user_knn import UserKNN

SCORERS: dict[str, type[Scorer]] = {
    scorer.name: scorer
    for scorer in (Popularity, CommunityPopularity, UserKNN, ItemKNN, UserItem, ALS, LatentSVD, Content)
}
