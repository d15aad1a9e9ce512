/** Every cap that Strata puts on what comes from outside, in one place. Bytes unless a name says otherwise. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** A manifest or an index (distribution spec, "pushing manifests": registries need accept no more). */
export const MAX_MANIFEST_BYTES = 4 * MiB;
/** An image configuration. */
export const MAX_CONFIG_BYTES = 4 * MiB;
/** A token, an error body, one page of tags or of a catalogue. */
export const MAX_SMALL_RESPONSE_BYTES = 1 * MiB;
/** index.json of the store: 20,000 entries are about 10 MiB. */
export const MAX_INDEX_JSON_BYTES = 64 * MiB;
/** One compressed layer as a registry announces it. */
export const MAX_BLOB_BYTES = 256 * 1024 * MiB;
/** What one layer may unpack to. */
export const MAX_UNPACKED_LAYER_BYTES = 1024 * 1024 * MiB;
/** Unpacked to compressed bytes of a layer; gzip itself stops near 1,032. Guarded only past RATIO_GRACE_BYTES. */
export const MAX_COMPRESSION_RATIO = 1200;
export const RATIO_GRACE_BYTES = 64 * MiB;
/** Layers of one image (overlayfs itself mounts at most 500). */
export const MAX_LAYERS = 512;
/** Entries of one layer's tar. */
export const MAX_LAYER_ENTRIES = 10_000_000;
/** One path or link target inside a layer, and one PAX or GNU long-name record (count of bytes). */
export const MAX_PATH_BYTES = 64 * KiB;
export const MAX_PAX_BYTES = 1 * MiB;
/** Pages followed in a listing of tags or of a catalogue, and entries kept of it. */
export const MAX_PAGES = 1000;
export const MAX_LISTED = 100_000;
/** Redirects followed for one request. */
export const MAX_REDIRECTS = 5;
/** Requests tried again after a passing failure, and the waits between them in milliseconds. */
export const MAX_ATTEMPTS = 5;
export const RETRY_BASE_MS = 250;
export const RETRY_MAX_MS = 10_000;
/** The longest Retry-After that is waited for, in milliseconds; beyond it the failure is shown at once. */
export const RETRY_AFTER_MAX_MS = 60_000;
/** Connecting, waiting for headers, and silence within a body, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 15_000;
export const HEADERS_TIMEOUT_MS = 60_000;
export const BODY_TIMEOUT_MS = 60_000;
/** Connections to one origin. */
export const MAX_CONNECTIONS_PER_ORIGIN = 8;
/** Layers fetched side by side unless the settings say otherwise (Docker's own default), and the most they may say. */
export const DEFAULT_CONCURRENT_DOWNLOADS = 3;
export const MAX_CONCURRENT_DOWNLOADS = 16;
/** Progress messages a worker sends, in milliseconds between two. */
export const PROGRESS_INTERVAL_MS = 100;
/** The batch in which blob bytes are written, hashed and inflated: 256 KiB was 15 % slower. */
export const BLOB_BATCH_BYTES = 1 * MiB;
/** Free space that a pull leaves on the disk. */
export const DISK_RESERVE_BYTES = 64 * MiB;
/** Strata's own small JSON files: one lease, the configuration file. */
export const MAX_LEASE_BYTES = 1 * MiB;
export const MAX_CONFIGURATION_BYTES = 1 * MiB;
/** A derived JSON file of the store (summaries and the like); a larger one counts as damaged and is rebuilt. */
export const MAX_DERIVED_JSON_BYTES = 128 * MiB;
/** How long a sweep keeps the bytes of an unfinished download, in days, so that a later pull goes on from them. */
export const PARTIAL_KEEP_DAYS = 7;
/** How old a temporary file must be before a sweep takes it for the leavings of a killed write, in minutes. */
export const TEMP_KEEP_MINUTES = 60;
/** The longest text that a panel puts on the clipboard: a large image's inspect JSON (count of characters). */
export const MAX_CLIPBOARD_CHARS = 16 * MiB;
/** A zstd frame's window as a power of two: 128 MiB, what zstd itself accepts without `--long`. */
export const MAX_ZSTD_WINDOW_LOG = 27;
/** The index file of one layer, and the distinct paths (implied folders too) that are followed to count its size. */
export const MAX_LAYER_INDEX_BYTES = 1024 * MiB;
export const MAX_LAYER_NODES = 2 * MAX_LAYER_ENTRIES;
/** Life of a registry's token that names none (distribution spec, "token"), and how long before its end it is renewed. */
export const DEFAULT_TOKEN_LIFE_S = 60;
export const TOKEN_RENEW_EARLY_MS = 10_000;
/** A fresh token that is refused within this time is not renewed again: the credentials do not suffice. */
export const TOKEN_TRIAL_MS = 10_000;
/** A password or token that comes by standard input. */
export const MAX_PASSWORD_BYTES = 64 * KiB;
/** Docker's config.json, and what a credential helper may print. */
export const MAX_DOCKER_CONFIG_BYTES = 1 * MiB;
/** A credential helper that says nothing is ended; it may be asking a person to unlock a keychain. */
export const CREDENTIAL_HELPER_TIMEOUT_MS = 30_000;
/** Tries at a mirror before the next is asked, and how long one that could not be reached is left alone. */
export const MIRROR_ATTEMPTS = 2;
export const MIRROR_REST_MS = 5 * 60_000;
/** Tries to find out whether a host speaks HTTP or HTTPS, and at a small document that broke off. */
export const PROBE_ATTEMPTS = 3;
export const DOCUMENT_ATTEMPTS = 3;
/** Manifests of an index that are read to tell how large their images are. */
export const MAX_SIZED_MANIFESTS = 64;
/** Pages of tag times, the newest first, that are read of a registry's own API: the tags beyond have no times. */
export const MAX_TAG_TIME_PAGES = 10;
/** Tags that are looked at before a manifest is deleted by its digest, and requests side by side while a registry is looked at. */
export const MAX_TAGS_COMPARED = 2000;
export const MAX_CONCURRENT_LOOKUPS = 6;
/** Addresses of one foreign layer that are tried. */
export const MAX_FOREIGN_URLS = 8;
/** Layers pushed or copied side by side (Docker's own default), and how many source repositories a mount is tried from. */
export const MAX_CONCURRENT_UPLOADS = 5;
export const MAX_MOUNT_ATTEMPTS = 4;
/** A blob up to this size goes up in one request from the host thread; a larger one in chunks, on a worker. */
export const UPLOAD_WHOLE_BYTES = 1 * MiB;
/** One chunk of a large blob, unless its registry wants larger ones (OCI-Chunk-Min-Length), and the most that it may want. */
export const UPLOAD_CHUNK_BYTES = 32 * MiB;
export const MAX_UPLOAD_CHUNK_BYTES = 1024 * MiB;
/** How long a registry may take to put a large blob into its place, in milliseconds. */
export const UPLOAD_FINISH_TIMEOUT_MS = 10 * 60_000;
/** Level of the gzip in which uncompressed layers are pushed. Always the same: one layer must give one digest. */
export const PUSH_GZIP_LEVEL = 6;
/** Entries of an outer archive (of `save`, `load`), links followed for one of its names, and its index.json or manifest.json. */
export const MAX_ARCHIVE_ENTRIES = 100_000;
export const MAX_ARCHIVE_LINKS = 32;
export const MAX_ARCHIVE_INDEX_BYTES = 16 * MiB;
/** JSON documents of an archive that streams by: they are held until its end. */
export const MAX_ARCHIVE_DOCUMENTS_BYTES = 64 * MiB;
/** What is read of an archive to find its images, in all: many of them may point at one large document. */
export const MAX_ARCHIVE_READ_BYTES = 128 * MiB;
/** Images that one archive holds, intermediate ones of an old archive too, and the names that it gives them. */
export const MAX_ARCHIVE_IMAGES = 10_000;
export const MAX_ARCHIVE_NAMES = 10_000;
/** A template as a person writes it, and what nests in it: blocks, branches, parentheses (counts). */
export const MAX_TEMPLATE_CHARS = 256 * KiB;
export const MAX_TEMPLATE_NESTING = 100;
/** What executing a template may nest: branches, templates in templates, values in values (counts). */
export const MAX_TEMPLATE_DEPTH = 500;
/** What executing one may do: nodes, and hundreds of characters that functions take and give (count). */
export const MAX_TEMPLATE_STEPS = 5_000_000;
/** What a template may print, and the longest text and list that it may make on the way (counts). */
export const MAX_TEMPLATE_OUTPUT_CHARS = 16 * MiB;
export const MAX_TEMPLATE_ITEMS = 1_000_000;
/** What is read of an answer to a question at the terminal (count of characters). */
export const MAX_ANSWER_CHARS = 4096;
/** Blobs that fsck reads side by side. */
export const FSCK_READS_AT_ONCE = 4;
