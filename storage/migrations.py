"""The schema as an ordered list of migrations.  Never edit a released one: add another."""

from sqlite_utils import Database, Migrations

from storage.catalogue.credits import CREDITS
from storage.catalogue.heard_songs import HEARD_SONGS
from storage.catalogue.related import RELATED
from storage.catalogue.texts import TEXTS
from storage.catalogue.versions import VERSIONS
from storage.listening.profile_reading import REREAD
from storage.schema.exclusion_tables import EXCLUSIONS
from storage.schema.log_tables import LOG
from storage.schema.music_tables import MUSIC, SEARCH
from storage.schema.outbox_tables import SCHEMA as OUTBOX
from storage.schema.outside_tables import CONNECTIONS, OUTSIDE
from storage.schema.profile_appends import APPENDS
from storage.schema.profile_tables import JUDGEMENTS
from storage.schema.profile_tables import SCHEMA as PROFILES
from storage.schema.radio_tables import RADIOS
from storage.schema.session_tables import SESSIONS
from storage.schema.subscription_tables import SUBSCRIPTIONS
from storage.schema.user_tables import LINKS, PEOPLE
from storage.schema.web_tables import WEB
from storage.services.artist_errands import ARTIST_ERRANDS
from storage.services.releases import RELEASES
from storage.sharing.offsets import EPOCHS
from storage.users.api_tokens import API_ACCESS
from storage.users.erasures import ADDITIONS, ERASED
from storage.users.kept_clips import KEPT_CLIPS
from storage.users.music_removal import Brought

migrations = Migrations("segue")

IDENTITY = "identity"
"""The app setting with the random name of a database: 32 hexadecimal digits."""


@migrations()
def people_music_and_log(db: Database) -> None:
    """Create users, accounts, communities; artists, tracks, tags; the event log, slates, impressions."""
    for script in (PEOPLE, MUSIC, SEARCH, LOG):
        for statement in script.split(";\n"):
            db.execute(statement)


@migrations()
def links_of_accounts_and_cards(db: Database) -> None:
    """Create one-time codes, links of accounts with the rows they moved, and the slates of messages."""
    for statement in LINKS.split(";\n"):
        db.execute(statement)


@migrations()
def listens_of_several_sources(db: Database) -> None:
    """Index listens by time, and store the other sources that reported the same listen."""
    db.execute("CREATE INDEX events_heard ON events (user_id, artist_id, track_id, at) WHERE at IS NOT NULL")
    db.execute(
        "CREATE TABLE event_sources ("
        " event_id INTEGER NOT NULL REFERENCES events ON DELETE CASCADE, source TEXT NOT NULL,"
        " PRIMARY KEY (event_id, source)) WITHOUT ROWID"
    )


@migrations()
def connections_to_listening_services(db: Database) -> None:
    """Create the connections of users to listening services, with how far each has been read."""
    for statement in CONNECTIONS.split(";\n"):
        db.execute(statement)


@migrations()
def deliveries_of_platforms(db: Database) -> None:
    """Create deliveries: an update is stored until it is handled, and its number for a while after."""
    db.execute(
        "CREATE TABLE deliveries (source TEXT NOT NULL, number INTEGER NOT NULL, body TEXT,"
        " at INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,"
        " PRIMARY KEY (source, number)) WITHOUT ROWID"
    )


@migrations()
def sessions(db: Database) -> None:
    """Create sessions of several users: members, tracks, predictions, votes, requests, vetoes."""
    for statement in SESSIONS.split(";\n"):
        db.execute(statement)


@migrations()
def versions_of_works(db: Database) -> None:
    """Create decisions on which tracks are versions of one work, by ids or by an operator."""
    for statement in VERSIONS.split(";\n"):
        db.execute(statement)


@migrations()
def answers_from_elsewhere(db: Database) -> None:
    """Create cached answers, covers, queued requests to services, and open sign-ins."""
    for statement in OUTSIDE.split(";\n"):
        db.execute(statement)


@migrations()
def sessions_in_voice(db: Database) -> None:
    """Let a session follow a voice channel, and store which users do not want to be added."""
    db.execute("ALTER TABLE sessions ADD COLUMN voice TEXT")
    db.execute("ALTER TABLE session_members ADD COLUMN opted_out INTEGER NOT NULL DEFAULT 0")


@migrations()
def listens_found_by_time(db: Database) -> None:
    """Index listens by user and time: as a history is imported, this index grows at its end."""
    db.execute("DROP INDEX events_heard")
    db.execute("CREATE INDEX events_heard ON events (user_id, at) WHERE at IS NOT NULL")


@migrations()
def texts_about_artists(db: Database) -> None:
    """Create documents and their term counts per artist."""
    for statement in TEXTS.split(";\n"):
        db.execute(statement)


@migrations()
def what_was_said_where(db: Database) -> None:
    """Index a user's events in a community; delete the codes of finished links."""
    db.execute("DROP INDEX events_community")
    db.execute(
        "CREATE INDEX events_community ON events (community_id, user_id) WHERE community_id IS NOT NULL"
    )
    db.execute("DELETE FROM link_codes WHERE used")


@migrations()
def identity_of_the_database(db: Database) -> None:
    """Give the database a random name, which tells its models from those of another database."""
    db.execute(
        "INSERT INTO settings (scope, scope_id, name, value)"
        " VALUES ('app', 0, ?, lower(hex(randomblob(16))))",
        (IDENTITY,),
    )


@migrations()
def catalogue_or_person(db: Database) -> None:
    """Separate what a catalogue lists from what one user brought.

    Of stored items a catalogue lists those with tags, audio features or a popularity, which users do not
    provide, and those that the users of a data set played.
    """
    for table in ("artists", "tracks"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN listed INTEGER NOT NULL DEFAULT 0")
    data_sets = (
        "FROM events WHERE user_id IN"
        " (SELECT user_id FROM accounts WHERE platform NOT IN ('terminal', 'discord', 'telegram'))"
    )
    db.execute(
        "UPDATE tracks SET listed = 1 WHERE popularity IS NOT NULL"
        " OR id IN (SELECT track_id FROM track_tags) OR id IN (SELECT track_id FROM audio_features)"
        f" OR id IN (SELECT track_id {data_sets} AND track_id IS NOT NULL)"
    )
    db.execute(
        "UPDATE artists SET listed = 1 WHERE id IN (SELECT artist_id FROM artist_tags)"
        " OR id IN (SELECT artist_id FROM tracks WHERE listed)"
        f" OR id IN (SELECT artist_id {data_sets} AND artist_id IS NOT NULL)"
    )


@migrations()
def who_brought_what(db: Database) -> None:
    """Store which user added an artist or track, and who sent a delivery."""
    for statement in ADDITIONS.strip().split(";\n"):
        db.execute(statement)


@migrations()
def songs_saved_once(db: Database) -> None:
    """Index saved tracks by user: every export of a library repeats them."""
    db.execute("CREATE INDEX events_saves ON events (user_id, artist_id, track_id) WHERE kind = 'save'")


@migrations()
def credits_and_what_is_hidden(db: Database) -> None:
    """Store the artists credited on a track, merged rows, and placeholder names."""
    for statement in CREDITS.split(";\n"):
        db.execute(statement)


@migrations()
def platforms_that_people_talk_on(db: Database) -> None:
    """Store which sources of events are chats; every other source is an import."""
    db.execute("CREATE TABLE chats (platform TEXT PRIMARY KEY) WITHOUT ROWID")
    # All platforms until now; a new one is added at its first event.
    db.execute("INSERT INTO chats VALUES ('terminal'), ('discord'), ('telegram')")


@migrations()
def what_is_known_of_artists(db: Database) -> None:
    """Keep related artists with their source, how famous artists are, and their other names."""
    for statement in RELATED.split(";\n"):
        db.execute(statement)


@migrations()
def nothing_that_turned_out_to_be_an_erased_row(db: Database) -> None:
    """Let a catalogue list what its rows turned out to be, and remove rows that are the same as none."""
    gone: dict[str, set[int]] = {}
    for table in ("tracks", "artists"):
        db.execute(
            f"UPDATE {table} SET listed = 1 WHERE id IN"
            f" (SELECT same_as FROM {table} WHERE hidden = 1 AND listed)"
        )
        rows = db.execute(
            f"SELECT id FROM {table} WHERE hidden = 1 AND same_as NOT IN (SELECT id FROM {table})"
        ).fetchall()
        gone[table] = {row for (row,) in rows}
        db.conn.executemany(f"UPDATE {table} SET listed = 0 WHERE id = ?", rows)
    Brought(db, gone["tracks"], gone["artists"]).remove()


@migrations()
def artists_to_ask_about(db: Database) -> None:
    """Create the queue of questions about artists, and how many requests were made in a day."""
    for statement in ARTIST_ERRANDS.split(";\n"):
        db.execute(statement)


@migrations()
def who_was_erased(db: Database) -> None:
    """Keep the numbers of erased users, so that restoring a backup does not bring them back."""
    db.execute(ERASED)


@migrations()
def profiles_that_are_kept(db: Database) -> None:
    """Keep what each user's events come to, by subject, day and hour, with the triggers that maintain it."""
    for statement in PROFILES:
        db.execute(statement)
    for table, reread in REREAD.items():
        db.execute(f"INSERT INTO {table} {reread}")


@migrations()
def songs_that_were_heard(db: Database) -> None:
    """Keep what songs sound like, and which files were heard."""
    for statement in HEARD_SONGS.split(";\n"):
        db.execute(statement)


@migrations()
def radios(db: Database) -> None:
    """Keep radios and their songs, and which sessions follow what is played in a row."""
    for statement in RADIOS.split(";\n"):
        db.execute(statement)


@migrations()
def what_is_kept_out_of_a_taste(db: Database) -> None:
    """Create the rules for events that teach nothing, and leave those events out of what stands."""
    for statement in EXCLUSIONS:
        db.execute(statement)


@migrations()
def what_comes_by_itself(db: Database) -> None:
    """Create subscriptions of people and places, and the mailings that were made for them."""
    for statement in SUBSCRIPTIONS:
        db.execute(statement)


@migrations()
def new_releases(db: Database) -> None:
    """Create new releases of artists, when each artist was asked about, and who was told of what."""
    for statement in RELEASES:
        db.execute(statement)


@migrations()
def browsers_that_are_signed_in(db: Database) -> None:
    """Create the one-time links to the web companion, and the browsers that used one."""
    for statement in WEB.split(";\n"):
        db.execute(statement)


@migrations()
def what_programs_may_do(db: Database) -> None:
    """Create API tokens, the answers that programs got, and files that arrive in pieces."""
    for statement in API_ACCESS.split(";\n"):
        db.execute(statement)


@migrations()
def facts_for_other_machines(db: Database) -> None:
    """Create the outbox of facts, names of users that mean the same everywhere, offsets, and results.

    Of two judgements the later one counts, whichever arrived last.
    """
    for statement in (*JUDGEMENTS, *OUTBOX):
        db.execute(statement)


@migrations()
def clips_that_are_kept(db: Database) -> None:
    """Create what was heard of clips, for users who want that kept."""
    for statement in KEPT_CLIPS:
        db.execute(statement)


@migrations()
def appended_events_in_one_step(db: Database) -> None:
    """Add appended events to the kept profiles in half as many statements."""
    for statement in APPENDS:
        db.execute(statement)


@migrations()
def epochs_of_partitions(db: Database) -> None:
    """Count who has taken each partition of requests, so that the worker before stops writing."""
    db.execute(EPOCHS)
