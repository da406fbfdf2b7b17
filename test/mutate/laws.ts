import { words } from '../support/words.ts'

/** Where each law lives, and the tests that hold it: those that are to fail when it is broken. */
export const LAWS: readonly (readonly [sources: readonly string[], tests: readonly string[]])[] = `
core/transform core/resize core/position: core/transform core/geometry
core/geometry: core/geometry core/dense-layout
core/dense-layout core/density core/operations core/preparation: core/transform core/dense-layout core/preparation
core/override: config/overrides plan/expected url/transform-reader
core/byte-order core/count-first: core/byte-order core/key-range core/count-first plan/group
plan/source-order: core/byte-order core/key-range core/count-first plan/group
core/source-key: core/source-key url/keyring
core/json core/escape-controls core/defined: core/json core/escape-controls core/defined
core/mark plan/confirm: plan/confirm plan/ledger app/origin/stored-pictures
app/origin/outgoing: app/origin/outgoing
url/keyring url/version: url/keyring url/vector-key url/transform-reader
url/expiring-link: url/expiring-link
url/nginx core/url-form: url/nginx core/url-form
url/imgproxy url/imgproxy-options url/imgproxy-transform: url/imgproxy url/imgproxy-sizes
url/same-signature: url/imgproxy url/nginx url/expiring-link
plan/group: plan/group plan/expected
plan/expected plan/recipe: plan/expected plan/decide config/watermark
plan/forced: app/batch/forced
plan/shares: plan/shares
plan/source-span plan/source-filter: plan/source-span plan/source-filter
plan/decide plan/orphan: plan/decide plan/stale plan/orphan
plan/alias plan/decide-aliases: plan/alias plan/decide-aliases
plan/keep-entry plan/merge-ledger plan/ledger-entry plan/entry-line: plan/keep-entry plan/ledger app/ledger/ledger
plan/ledger-part: plan/keep-entry plan/ledger app/ledger/ledger
app/ledger/ledger app/ledger/merge app/ledger/parts: app/ledger/merge app/ledger/ledger app/ledger/unread app/ledger/sharded
app/ledger/standing plan/part-header: app/ledger/merge app/ledger/ledger app/ledger/unread app/ledger/sharded
app/batch/prune app/batch/prune-survey: app/batch/prune-survey app/batch/prune app/batch/build app/batch/full-disk
app/batch/orphans: app/batch/prune-survey app/batch/prune app/batch/gone app/ledger/law
app/ledger/recorder: app/ledger/recorder app/ledger/ledger
waiting/flights: waiting/flights
app/aliases: app/origin/aliases app/ledger/unread app/ledger/law
app/batch/gone: app/batch/gone app/origin/aliases
app/origin/aliases: app/origin/aliases
app/origin/answer app/origin/maker: app/origin/answer-by-parts app/origin/name-key app/origin/answer http/foreign-versions
app/origin/name-key app/origin/cold: app/origin/name-key app/origin/answer http/foreign-versions http/foreign
app/origin/siblings: app/origin/siblings app/origin/answer
app/origin/uploads app/origin/look-up: app/origin/uploads app/origin/answer app/origin/aliases
app/origin/turns: app/origin/turns app/origin/uploads
app/origin/persist: app/origin/persist
app/origin/current-keys: app/origin/current-keys http/foreign-versions
app/origin/recent-originals: app/origin/recent-originals app/origin/answer
app/origin/stored-pictures: app/origin/stored-pictures app/origin/hot-pictures
app/origin/batches: app/origin/batches
app/origin/known-failures: app/origin/known-failures app/origin/answer
app/origin/eviction: app/origin/eviction
waiting/budget: waiting/budget
waiting/time-limit: waiting/time-limit
waiting/concurrency: waiting/concurrency waiting/ask-ahead
app/watch/session: app/watch/session app/watch/watch
app/watch/source-tasks app/watch/settling app/watch/pauses: app/watch/source-tasks app/watch/settling app/watch/pauses
app/watch/returns: app/watch/settling app/watch/watch app/watch/law
app/watch/source-work: app/watch/source-work app/watch/watch
app/watch/read-message: app/watch/name-sources app/watch/send-due app/watch/watch
app/warm/wanted app/warm/warm: app/warm/wanted app/warm/warm
app/watch/name-sources app/watch/send-due: app/watch/name-sources app/watch/send-due app/watch/watch
events/message-format events/parse-message events/source-list: events/parse-message
app/batch/plan: app/batch/plan app/batch/build
app/batch/select-groups: app/batch/select-groups app/batch/spelling
app/batch/render-source: app/batch/render-source app/batch/build app/warm/warm
app/batch/build-source app/batch/source-steps: app/batch/build-source app/batch/build
app/batch/build app/batch/whole-run: app/batch/build-ends app/batch/build
app/batch/shares app/batch/forced app/batch/verify: app/batch/shares app/batch/forced app/batch/verify
app/batch/writable: app/batch/writable
render/render-memory: render/render-memory
store/s3 store/s3-copy store/s3-delete store/s3-list store/s3-read store/read-body: store/s3-answers store/s3
store/s3-errors: store/s3-errors
store/s3-listing store/xml-reader: store/s3-listing store/xml-reader
store/server-clock: store/server-clock
store/read-ahead: store/read-ahead
store/make-folders: store/make-folders
store/https store/https-errors store/public-address: store/public-address store/https
store/folder store/folder-problems store/folder-read store/folder-root: store/folder-stream store/folder
store/folder-walk: store/folder-stream store/folder
store/folder-write store/folder-write-now store/at-once: store/folder-write-now store/folder http/set-date
store/folder-spelling: store/folder-spelling
store/folder-changes: store/folder-changes
app/ledger/store-clock: app/ledger/store-clock
config/base-url config/config-problem config/encoders-schema config/faults: config/resolve config/option-rows
config/resolve config/schema config/schema-values config/secrets config/serve-schema: config/resolve config/option-rows
config/sizes config/suggest config/units: config/resolve config/units
config/operations-schema config/position-schema config/watermark: config/operations config/watermark config/option-rows
config/places config/overlap config/disk: config/places config/overlap config/resolve
config/queue-place: config/queue-place
config/dialects config/dialect-fields config/nginx-dialect config/imgproxy-dialect: config/dialects
config/match config/config: config/match config/locate-source
config/json-entries config/edit-overrides config/overrides config/overrides-now: config/overrides config/overrides-now wire/overrides
config/overrides-schema: config/overrides config/option-rows
migrate/from-imgproxy migrate/imgproxy-presets migrate/imgproxy-sizes migrate/imgproxy-sources: migrate/migrate
migrate/imgproxy-values: migrate/migrate
migrate/from-nginx migrate/nginx-addresses migrate/nginx-blocks: migrate/migrate migrate/nginx migrate/nginx-details
migrate/nginx-fronts migrate/nginx-headers migrate/nginx-locations migrate/nginx-pattern: migrate/migrate migrate/nginx migrate/nginx-details
migrate/nginx-place migrate/nginx-rules migrate/nginx-signing migrate/nginx-sizes migrate/nginx-unread: migrate/migrate migrate/nginx migrate/nginx-details
studio/crops studio/curves studio/format-text studio/history studio/marks studio/qualities studio/route: studio/crops
studio/sources studio/thumbs studio/virtual-grid: studio/sources studio/thumbs studio/virtual-grid
app/studio/inventory app/studio/live app/studio/override-patch app/studio/predict: app/studio/studio http/studio
app/studio/result-state app/studio/studio app/studio/tally app/studio/visits: app/studio/studio http/studio
app/doctor/store-checks: app/doctor/store-checks
cli/doctor/closed-check cli/doctor/format-checks cli/doctor/machine-checks cli/doctor/url-checks: cli/doctor-checks
queue/sqs queue/sqs-errors queue/sqs-probes aws/service-error: queue/sqs-answers
wire/host wire/override-file wire/text-file: wire/host wire/override-file wire/text-file
wire/follow-folders wire/follow-overrides: wire/follow-folders wire/follow-overrides
render/gif-blocks render/gif-canvas render/gif-lzw: render/gif-canvas
render/palette render/smallest render/coded-colours: render/palette render/coded-colours render/smallest
render/steps/filter render/steps/watermark render/prepare render/pixels: render/operations render/placement
render/render-picture: render/operations render/placement render/straight render/animation
render/jpeg-orientation render/jpeg-segments render/quiet-jpeg: render/damage render/foreign-values render/orientation render/refusals render/kinds
render/plain-jpeg render/bare render/bare-avif render/copyright: render/plain-jpeg render/bare-avif render/privacy render/credit render/same
render/icc-profile render/read-icc-profile: render/read-icc-profile
render/colours render/matrix: render/colours render/tiff render/smallest
render/png-colour: render/png-colour
render/high-range render/tiff-samples render/tiff-tags: render/colours render/high-range render/tiff render/foreign-values
render/mend-png render/readable-png render/unreadable: render/damage render/readable-png render/refusals
render/header render/kinds render/sniff: render/kinds render/refusals render/orientation
render/bmp: render/bitmap
render/decodable: render/icons render/premultiplied render/decodable
render/search: render/search-steps
render/watch-memory: render/watch-memory
cli/url-html: cli/url-html
render/svg/address render/svg/census render/svg/clean-attributes render/svg/clean-style: render/svg/clean-svg render/svg/undrawn
render/svg/clean-svg render/svg/cleaner render/svg/open-element: render/svg/clean-svg render/svg/undrawn
render/svg/plain-css render/svg/plain-markup render/svg/read-markup: render/svg/plain-markup render/svg/clean-svg
render/svg/root render/svg/size render/svg/surfaces: render/svg/size render/svg/surfaces render/svg/clean-svg
render/svg/undrawn render/svg/walk: render/svg/undrawn render/svg/clean-svg render/svg/plain-markup
cli/flags cli/build-flags cli/format-numbers cli/progress cli/build-progress: cli/parts cli/shard
plan/cost plan/plan-file: plan/shares plan/plan-file
page/images page/candidates page/format-images page/format-picture: page/format-order page/images page/vectors
page/format-order: page/format-order page/images page/vectors
page/picture-data page/head page/hydration page/vector-size: page/recipes page/images page/vectors page/rewrite-html
page/placeholder: page/recipes page/images page/vectors page/rewrite-html
page/images-json page/images-form page/json-catalogue: page/images-json page/site page/rewrite-html
page/config-catalogue: page/images-json page/site page/rewrite-html
page/place-rules page/broken-rule page/tag-place page/read-page: page/place-rules page/tag-place page/limit-sizes
page/rewrite-html page/page-pictures page/page-tags page/site-sources page/find-source: page/rewrite-html
page/find-size: page/rewrite-html
queue/memory-queue: queue/memory-queue
url/accept url/path url/source-roots: url/path edge/accept url/nginx url/imgproxy http/foreign
url/dialect: url/path edge/accept url/nginx url/imgproxy http/foreign
url/imgproxy-arguments url/imgproxy-presets: url/imgproxy
http/conditions: http/conditions http/ranges http/handler
http/handler http/picture-response: http/problems http/handler http/options http/expiring http/vectors
http/common-headers http/exchange http/problems: http/problems http/handler http/options http/expiring http/vectors
http/workers/open-workers: http/open-workers
http/workers/ask-server http/workers/owner-link http/workers/notifications: http/worker-messages
app/results app/originals: app/results app/originals
http/health: http/problems http/handler http/options http/expiring http/vectors
http/bad-requests: http/bad-requests
http/later-minor http/bound-connections http/guard-secret: http/later-minor http/bound-connections http/guard-secret
http/webhook: http/webhook
http/log http/metrics: http/log http/metrics http/handler
cli/init/find-pictures: cli/find-pictures
wire/check-options: wire/check-options
render/reduced-decode: render/reduced-decode
edge/nginx edge/nginx-bucket edge/nginx-headers edge/nginx-maps: edge/printed edge/variants edge/closed edge/shapes
edge/nginx-serve edge/caddy edge/edge-site: edge/printed edge/edge-site edge/variants edge/closed edge/shapes
edge/accept-rules edge/edge-script: edge/accept
edge/cloudflare: edge/cloudflare edge/closed
edge/cloudfront: edge/cloudfront edge/closed
`
  .trim()
  .split('\n')
  .map((line) => {
    const [sources = '', tests = ''] = line.split(': ')
    return [words(sources), words(tests)]
  })
