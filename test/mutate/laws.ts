export const LAWS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['app/batch/prune-survey'], ['app/batch/prune-survey']],
  [['app/origin/name-key'], ['app/origin/name-key']],
  [['app/watch/settling'], ['app/watch/settling']],
  [['plan/ledger-part'], ['plan/ledger']],
]
