"""Similar films in the latent space of ratings or of tags.

After a widely copied notebook of a hybrid recommender on MovieLens: a truncated SVD of the ratings pivot (50
components; zero-filled and not centred, so that having rated a film counts most) and of TF-IDF over each
film's tags and genres (200 components), then the cosine of the rows. Here both are exact to rounding, by
`LatentSVD` without damping; scikit-learn's default solver is not.
"""

from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from recommender.errors import EvaluationError
from recommender.evaluation.baseline_scorers.latent_svd import LatentSVD
from recommender.evaluation.movielens import MovieLens
from recommender.scorers import Profile, TrainingData

Space = Literal["ratings", "tags"]
COMPONENTS: dict[Space, int] = {"ratings": 50, "tags": 200}
_DIGITS = 6  # digits for ties: in the tag space many films have identical tags


def nearest_films(films: MovieLens, title: str, space: Space, *, n: int = 10) -> list[tuple[str, float]]:
    """Return the titles of the `n` most similar films with their cosines, most similar first.

    The earlier film in `movies.csv` wins ties. A film without ratings, or without tags and genres, is
    similar to none. Raises EvaluationError for an unknown title.
    """
    if title not in films.titles:
        raise EvaluationError(f"There is no film {title}; titles are as in movies.csv: Toy Story (1995).")
    film = films.film(title)
    matrix = films.ratings if space == "ratings" else _words(films)
    factors = min(COMPONENTS[space], min(matrix.shape) - 1)
    data = TrainingData(
        user_items=csr_matrix(matrix, dtype=np.float32),
        item_tags=csr_matrix(matrix[:0].T, dtype=np.float32),
        item_features=np.zeros((matrix.shape[1], 0), dtype=np.float32),
        communities=csr_matrix(matrix[:0, :0], dtype=np.float32),
    )
    scorer = LatentSVD.fit(data, seed=0, factors=factors, damping=0)
    asked = Profile(np.array([film], dtype=np.int32), np.ones(1, dtype=np.float32))
    _, items, scores = scorer.opinion(asked)
    rounded = np.round(scores.astype(np.float64), _DIGITS)
    order = [place for place in np.lexsort((items, -rounded)) if items[place] != film]
    return [(films.titles[items[place]], float(rounded[place])) for place in order[:n]]


def _words(films: MovieLens) -> csr_matrix:
    """Return words x films: TF-IDF of each film's tags and genres, without English stop words."""
    texts = [" ".join((*tags, *genres)) for tags, genres in zip(films.tags, films.genres, strict=True)]
    return csr_matrix(TfidfVectorizer(stop_words="english").fit_transform(texts).T)
