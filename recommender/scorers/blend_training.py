"""Training of `Blend`: its four parts, and the weights that combine them.

The weights are learned from users the parts were not trained on, who show some of their likes and hold back
the rest (`models.ensemble.stacking`); with too few of them, the weights learned on Last.fm data are used.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from recommender.arrays import Doubles, Floats, Ints, Rows
from recommender.linalg import binary, inverse, positive, row_norms, scaled_rows
from recommender.linalg.dense import one_thread
from recommender.models.ease import Ease, tag_rows
from recommender.models.ease_forms import Form, Nearest, Primal
from recommender.models.ensemble.stacking import KNOTS, hats, weights_of
from recommender.models.ensemble.training_lists import TrainingList, TrainingLists
from recommender.models.population import FACTORS, HEAD, Population
from recommender.models.spectral import PureSVD
from recommender.models.tags import tag_vectors
from recommender.models.tuning import SetAside
from recommender.models.weights import Weighting
from recommender.scorers import Profile, TrainingData
from recommender.scorers.blend_parts import BlendParts

NEIGHBOURS = 100  # of each item in each sparse part
_TAG_SHARE, _STRENGTH, _DENOISING = 0.5, 30.0, 1.0  # of the linear part
_DENSEST = HEAD  # where people and items are more than this, the linear part knows so many items alone
DAMPING = 0.4
"""Of popular items in the latent part, see `PureSVD`."""
_TAGS_OF_ITEM = 20
_SHRINK = 1.0  # of how common an item is, in listeners of average weight
_FOLDS, _SHARE = 2, 4  # so many of so many parts of the people teach
_MOST_OF_FOLD, _MANY_PEOPLE = 600, 3_000
_SHORTENED = 4  # shorter profiles that each of them teaches with as well
_OTHERS = 150  # candidates that were not wanted, per one
_LEAST_LISTS = 300

# Learned so on half of the listeners of the HetRec 2011 Last.fm data: a row per knot.
_TAUGHT = np.array(
    [
        [-5.14, 2.23, -3.46, 0.41, 0.02, 0.89, 0.53, 0.52, 0.45],
        [-2.85, 0.68, -2.38, 0.68, 0.12, 0.77, 0.71, 0.65, 0.23],
        [-1.54, -0.15, -2.66, 0.70, 0.43, 0.46, 1.04, 0.66, 0.02],
        [1.76, -0.87, -7.41, 0.27, 1.20, 0.04, 1.40, 0.44, -0.27],
        [15.23, -0.92, 2.37, 0.28, 0.77, -0.03, 0.62, 0.18, -0.16],
    ]
)


def trained(data: TrainingData, *, seed: int) -> tuple[BlendParts, Doubles]:
    """Return the parts and the weights of `Blend`; the same seed gives the same, on any number of threads."""
    likes = positive(data.user_items)
    # The models take logarithms themselves: back to what the weights are logarithms of.
    likes.data = np.exp2(likes.data) - np.float32(1)
    with one_thread():
        lists = [one for part in range(_FOLDS) for one in _training_lists(likes, data.item_tags, part, seed)]
        learned = weights_of(TrainingLists.of(lists)) if len(lists) >= _LEAST_LISTS else _TAUGHT
        if data.population is not None:
            return _parts_of_all(data.population, likes, data.item_tags), _by_known(learned)
        return _parts(likes, data.item_tags, seed), _by_known(learned)


def _by_known(at_knots: NDArray[np.floating]) -> Doubles:
    """Return the weights for 1, 2, ... known items."""
    return hats(np.arange(1, int(KNOTS[-1]) + 1)).astype(np.float64) @ at_knots


def _parts(likes: csr_matrix, item_tags: csr_matrix, seed: int) -> BlendParts:
    """Train everything but the combination."""
    people = np.bincount(likes.indices, minlength=likes.shape[1])
    tags = _of_some(item_tags, people > 0)
    spectral = PureSVD.train(likes, seed=seed, factors=FACTORS, damping=DAMPING)
    return _parts_from(_linear(likes, tags), _together(likes), spectral, tags)


def _parts_of_all(population: Population, likes: csr_matrix, item_tags: csr_matrix) -> BlendParts:
    """Return everything but the combination from sums over users: as `_parts` of all their rows.

    Few users are all in the sample: then the linear part knows every item, as without the sums.
    """
    people = population.counts.likers
    few = min(population.counts.n_users, int(np.count_nonzero(people))) <= _DENSEST
    tags = _of_some(item_tags, people > 0)
    weighting = Weighting("relative", 1.0, population.scale)
    with one_thread():
        spectral = PureSVD.along(
            population.axes.vectors, people.astype(np.float32), weighting, damping=DAMPING
        )
        linear = _linear(likes, tags) if few else _linear_of_all(population, tags)
        return _parts_from(linear, _together_of_all(population), spectral, tags)


def _parts_from(linear: csr_matrix, together: csr_matrix, spectral: PureSVD, tags: csr_matrix) -> BlendParts:
    n_items, lengths = spectral.n_items, np.linalg.norm(spectral.projection, axis=1)
    return BlendParts(
        neighbours=csr_matrix(hstack([linear, together], format="csr", dtype=np.float32)),
        known=spectral.columns,
        axes=(spectral.projection * inverse(lengths.astype(np.float64))[:, None]).astype(np.float32),
        known_scale=lengths.astype(np.float32),
        scored_scale=np.linalg.norm(spectral.item_factors, axis=1).astype(np.float32),
        tags=_strongest(tag_vectors(tags, n_items), _TAGS_OF_ITEM),
        log_popularity=np.log1p(spectral.popularity).astype(np.float32),
    )


def _of_some(item_tags: csr_matrix, chosen: NDArray[np.bool_]) -> csr_matrix:
    """Return the tags of the chosen items, nothing at the others."""
    return scaled_rows(positive(item_tags), chosen.astype(np.float64))


def _linear(likes: csr_matrix, tags: csr_matrix) -> csr_matrix:
    """Return I x I: the strongest weights from each item, of the most common items where there are many."""
    people = np.bincount(likes.indices, minlength=likes.shape[1])
    columns = np.flatnonzero(people)
    if not len(columns):
        return _nothing(likes.shape[1])
    if min(likes.shape[0], len(columns)) > _DENSEST:
        columns = np.sort(np.argsort(-people, kind="stable")[:_DENSEST])
    some = likes[:, columns]
    some = some[np.diff(some.indptr) > 0]
    model = Ease.train(some, tags[columns], tag_share=_TAG_SHARE, strength=_STRENGTH, denoising=_DENOISING)
    return _nearest(model.form, columns[model.columns].astype(np.int32), likes.shape[1])


def _linear_of_all(population: Population, tags: csr_matrix) -> csr_matrix:
    """Return what `_linear` returns, from the Gram matrix of the most common items."""
    head, n_items = population.head, len(population.counts.likers)
    if not len(head):
        return _nothing(n_items)
    rows = tag_rows(tags[head], _TAG_SHARE * float(np.trace(population.gram))).astype(np.float64)
    square = population.gram + np.asarray((rows.T @ rows).todense())
    form = Primal.out_of(square, _STRENGTH + _DENOISING * np.diag(square))
    return _nearest(form, head, n_items)


def _nearest(form: Form, among: Ints, n_items: int) -> csr_matrix:
    near = Nearest.out_of(form, len(among), k=NEIGHBOURS).weights.tocoo()
    kept = near.data != 0
    places = among[near.row[kept]], among[near.col[kept]]
    return csr_matrix((near.data[kept], places), shape=(n_items, n_items), dtype=np.float32)


def _together_of_all(population: Population) -> csr_matrix:
    """Return what `_together` returns, from the products of items."""
    common = population.counts.squares / population.scale**2
    return scaled_rows(population.together, 1 / np.sqrt(common + _SHRINK))


def _together(likes: csr_matrix) -> csr_matrix:
    """Return I x I: what people who like an item like too, each at length 1, the item held back."""
    n_items = likes.shape[1]
    _, rows = Weighting.learned(likes, "relative", 1.0)
    common = np.bincount(rows.indices, rows.data.astype(np.float64) ** 2, n_items)
    unit = scaled_rows(rows, inverse(row_norms(rows)))
    # implicit reserves room for every neighbour of every item: items that nobody likes are left out.
    known = np.flatnonzero(common)
    if not len(known):
        return _nothing(n_items)
    from implicit.nearest_neighbours import ItemItemRecommender  # noqa: PLC0415 - for training alone

    model = ItemItemRecommender(K=NEIGHBOURS + 1, num_threads=1)
    model.fit(csr_matrix(unit[:, known], dtype=np.float64), show_progress=False)
    found = model.similarity.tocoo()
    kept = (found.row != found.col) & (found.data > 0)
    row, column = known[found.row[kept]], known[found.col[kept]]
    values = found.data[kept] / np.sqrt(common[row] + _SHRINK)
    return csr_matrix((values.astype(np.float32), (row, column)), shape=(n_items, n_items))


def _nothing(n: int) -> csr_matrix:
    none: Ints = np.zeros(0, dtype=np.int32)
    return csr_matrix((np.zeros(0, dtype=np.float32), (none, none)), shape=(n, n))


def _strongest(rows: csr_matrix, k: int) -> csr_matrix:
    """Return the `k` largest entries of each row."""
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    order = np.lexsort((-rows.data, owner))
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order)) - rows.indptr[owner]
    kept = place < k
    return csr_matrix((rows.data[kept], (owner[kept], rows.indices[kept])), shape=rows.shape)


def _training_lists(likes: csr_matrix, item_tags: csr_matrix, part: int, seed: int) -> list[TrainingList]:
    """Return training lists of one share of the users, for parts trained on all others."""
    several = np.flatnonzero(np.diff(likes.indptr) > 1)
    if len(several) < _SHARE or (part and len(several) > _MANY_PEOPLE):
        return []
    chosen = np.sort(np.random.default_rng(seed).permutation(several)[part::_SHARE][:_MOST_OF_FOLD])
    others = np.setdiff1d(np.arange(likes.shape[0]), chosen)
    rng = np.random.default_rng([seed, part])
    model = _parts(likes[others], _without(item_tags, likes, chosen, rng), seed)
    people = SetAside.of(likes[chosen], seed=seed + part)
    known, wanted = people.known, people.wanted
    lists = []
    for person in range(known.shape[0]):
        of_person = slice(known.indptr[person], known.indptr[person + 1])
        items, plays = known.indices[of_person], known.data[of_person]
        if not len(items):
            continue
        told = wanted.indices[wanted.indptr[person] : wanted.indptr[person + 1]]
        for n in _lengths(len(items), rng):
            some = np.sort(rng.permutation(len(items))[:n])
            profile = Profile(items[some].astype(np.int32), np.log2(1 + plays[some]))
            lists += _training_list(model, profile, items, told, rng)
    return lists


def _lengths(n: int, rng: np.random.Generator) -> list[int]:
    """Return all that is known, and less, drawn evenly on a logarithmic scale."""
    return [n, *np.floor(np.exp(rng.random(_SHORTENED) * np.log(n))).astype(int).tolist()]


def _training_list(
    model: BlendParts, profile: Profile, known: Ints, wanted: Ints, rng: np.random.Generator
) -> list[TrainingList]:
    """Return the list of a user who likes `known` and `wanted` and shows the profile alone."""
    items, features = model.training_features(profile, known)
    found = np.isin(items, wanted)
    others = np.flatnonzero(~found)
    if not found.any() or not len(others):
        return []
    kept: Rows = np.concatenate([np.flatnonzero(found), rng.permutation(others)[:_OTHERS]])
    return [TrainingList(features[kept], found[kept], len(profile.items))]


def _without(item_tags: csr_matrix, likes: csr_matrix, people: Rows, rng: np.random.Generator) -> csr_matrix:
    """Return the tags without those that the held-out users may have given, which would leak their likes.

    Who gave a tag is not known here: each is taken to be by one of the item's listeners.
    """
    tags, liking = positive(item_tags), binary(likes)
    listeners = np.bincount(liking.indices, minlength=likes.shape[1])
    gone = np.bincount(liking[people].indices, minlength=likes.shape[1]) / np.maximum(listeners, 1)
    times = np.maximum(1, np.rint(tags.data)).astype(np.int64)
    kept = rng.binomial(times, np.repeat(1 - gone, np.diff(tags.indptr)))
    shares: Floats = (kept / times).astype(np.float32)
    tags.data *= shares
    tags.eliminate_zeros()
    return tags
