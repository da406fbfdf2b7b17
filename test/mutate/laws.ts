/** Where each law lives, and the tests that hold it: those that are to fail when it is broken. */
export const LAWS: readonly (readonly [sources: readonly string[], tests: readonly string[]])[] = [
  [
    ['core/transform', 'core/resize', 'core/position'],
    ['core/transform', 'core/geometry'],
  ],
  [['core/geometry'], ['core/geometry', 'core/dense-layout']],
  [
    ['core/byte-order', 'core/key-range', 'plan/source-order'],
    ['core/byte-order', 'core/key-range', 'plan/group'],
  ],
  [['core/source-key'], ['core/source-key', 'url/keyring']],
  [
    ['core/mark', 'plan/vouch'],
    ['plan/vouch', 'plan/ledger', 'app/origin/stored-pictures'],
  ],
  [
    ['url/keyring', 'url/version'],
    ['url/keyring', 'url/vector-key'],
  ],
  [['url/expiring-link'], ['url/expiring-link']],
  [['url/nginx'], ['url/nginx']],
  [['plan/group'], ['plan/group', 'plan/expected']],
  [
    ['plan/source-span', 'plan/source-filter'],
    ['plan/source-span', 'plan/source-filter'],
  ],
  [
    ['plan/decide', 'plan/orphan'],
    ['plan/decide', 'plan/stale', 'plan/orphan'],
  ],
  [
    ['plan/alias', 'plan/decide-aliases'],
    ['plan/alias', 'plan/decide-aliases'],
  ],
  [
    ['plan/keep-entry', 'plan/merge-ledger'],
    ['plan/keep-entry', 'plan/ledger', 'app/ledger'],
  ],
  [
    ['app/prune', 'app/prune-survey'],
    ['app/prune', 'app/build', 'app/unread-ledger'],
  ],
  [['app/orphans'], ['app/prune', 'app/ledger-law']],
  [['app/recorder'], ['app/recorder', 'app/ledger']],
  [['waiting/flights'], ['waiting/flights']],
  [['app/origin/batches'], ['app/origin/batches']],
  [['app/origin/known-failures'], ['app/origin/known-failures', 'app/origin/answer']],
  [['app/origin/eviction'], ['app/origin/eviction']],
  [['waiting/budget'], ['waiting/budget']],
  [['waiting/time-limit'], ['waiting/time-limit']],
]
