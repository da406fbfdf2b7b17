import { isAbsolute, posix } from 'node:path'
import { unreachable } from '../core/unreachable.ts'
import type { PackageManager } from './init/package-manager.ts'

/** The systems that `init --ci` knows. */
export const CI_KINDS = ['github', 'gitlab', 'cron'] as const
/** One of {@link CI_KINDS}. */
export type CiKind = (typeof CI_KINDS)[number]

/** What a job depends on. */
export interface CiFacts {
  /** The project's folder, absolute. */
  readonly root: string
  /** The project's folder in its repository: `packages/web`; '' where it is the same. */
  readonly below: string
  /** Environment variables that open the places of sources and results: credentials, and others. */
  readonly secrets: readonly string[]
  readonly variables: readonly string[]
  /** Folders of results and records that the next run must find; the output first, if it is a folder. */
  readonly folders: readonly string[]
  readonly isBucketOutput: boolean
  /** The folder of the running `node`: cron does not know our PATH. */
  readonly nodeFolder: string
  readonly packages: PackageManager
}

/**
 * One job for new pictures. If results go to a bucket, a second job runs daily, for pictures that came another way and
 * results to delete. Results in a folder are published with the site, and so only by the site's own job.
 */
export const formatCi = (kind: CiKind, facts: CiFacts): { readonly path: string; readonly text: string } => {
  switch (kind) {
    case 'github':
      return { path: toTop(facts, '.github/workflows/imgsizes.yml'), text: formatGithub(facts) }
    case 'gitlab':
      return { path: '.gitlab/imgsizes.yml', text: formatGitlab(facts) }
    case 'cron':
      return { path: 'imgsizes.cron', text: formatCron(facts) }
    default:
      return unreachable(kind)
  }
}

/** GitHub reads workflows at the top of a repository alone. */
const toTop = ({ below }: CiFacts, path: string): string => `${below.replace(/[^/]+\/?/g, '../')}${path}`

/** What the user must do once. */
export const ciNextSteps = (kind: CiKind, facts: CiFacts): readonly string[] => {
  const secrets = secretsOf(facts)
  const { variables } = facts
  switch (kind) {
    case 'github':
      return [
        ...secrets.map((name) => `gh secret set ${name}`),
        ...variables.map((name) => `gh variable set ${name}`),
      ]
    case 'gitlab':
      return [
        'include: {local: .gitlab/imgsizes.yml}   in .gitlab-ci.yml',
        'Settings, CI/CD, Variables:',
        ...[...secrets.map((name) => `${name}, masked`), ...variables].map((name) => `  ${name}`),
        ...(facts.isBucketOutput ? ['Build, Pipeline schedules: one, once a day'] : []),
      ]
    case 'cron':
      return [
        ...(facts.secrets.length > 0
          ? [`${facts.secrets.join(', ')} and ${variables.join(', ')} into .env`]
          : []),
        '(crontab -l; cat imgsizes.cron) | crontab -',
      ]
    default:
      return unreachable(kind)
  }
}

const secretsOf = ({ secrets }: CiFacts): readonly string[] => ['IMGSIZES_SECRET', ...secrets]

const STORE_IS_CACHE = [
  '# Nothing is cached between runs: the bucket is the cache. A build lists it and makes what is missing or out of date,',
  '# so that a new size in the configuration is made by the run of its own commit, and nothing else is.',
]

const FOLDER_IS_CACHED = [
  '# A runner begins with nothing, so the results are kept in the cache: a build makes what is missing or out of date,',
  '# and nothing else. Without the cache it makes all of them again, and that is all that is lost.',
]

const cacheHint = (facts: CiFacts): readonly string[] =>
  facts.isBucketOutput ? STORE_IS_CACHE : FOLDER_IS_CACHED

const PURGE_HINT =
  '# changed-urls.txt names what was replaced: the URLs to purge from a CDN. With `versions` there are none.'
const PRUNE_HINT = '# What nothing has asked for in a week. It refuses to delete a lot at once.'
const NIGHTLY_HINT =
  '# Pictures that came into a bucket by themselves, and results that the origin made in a hurry.'

const buildOf = ({ packages }: CiFacts): string => `${packages.run} build --changed changed-urls.txt`
const pruneOf = ({ packages }: CiFacts): string => `${packages.run} prune`

const formatGithub = (facts: CiFacts): string => {
  const setUp = [
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 60',
    '    steps:',
    '      - uses: actions/checkout@v4',
    '      - uses: actions/setup-node@v4',
    '        with:',
    '          node-version: 22',
    ...facts.packages.install.map((command) => `      - run: ${command}`),
  ]
  return toText([
    '# Written by `imgsizes init --ci github`. Yours to change.',
    ...cacheHint(facts),
    'name: pictures',
    'on:',
    '  push:',
    '    branches: [main]',
    ...(facts.isBucketOutput ? ['  schedule:', "    - cron: '17 3 * * *'"] : []),
    '  workflow_dispatch:',
    'permissions:',
    '  contents: read',
    'concurrency:',
    '  group: imgsizes',
    '  cancel-in-progress: false',
    'env:',
    ...secretsOf(facts).map((name) => `  ${name}: ${expression(`secrets.${name}`)}`),
    ...facts.variables.map((name) => `  ${name}: ${expression(`vars.${name}`)}`),
    ...(facts.below === ''
      ? []
      : ['defaults:', '  run:', `    working-directory: ${quoteYaml(facts.below)}`]),
    'jobs:',
    '  build:',
    ...(facts.isBucketOutput ? ["    if: github.event_name != 'schedule'"] : []),
    ...setUp,
    ...formatRestore(facts),
    `      ${PURGE_HINT}`,
    `      - run: ${buildOf(facts)}`,
    ...(facts.isBucketOutput
      ? [
          '  nightly:',
          "    if: github.event_name == 'schedule'",
          ...setUp,
          `      ${NIGHTLY_HINT}`,
          `      - run: ${buildOf(facts)}`,
          `      ${PRUNE_HINT}`,
          `      - run: ${pruneOf(facts)}`,
        ]
      : [
          `      ${PRUNE_HINT}`,
          `      - run: ${pruneOf(facts)}`,
          '        continue-on-error: true',
          ...formatSave(facts),
          `      # The results are in ${facts.folders[0]}: publish them with the site, in a step of this job after these.`,
        ]),
  ])
}

/** An expression that GitHub replaces. */
const expression = (text: string): string => `$\{{ ${text} }}`

/** A cache of GitHub is never overwritten under the same key: each run writes a new one and reads the latest. */
const formatCache = (
  { folders, below }: CiFacts,
  step: readonly string[],
  rest: readonly string[],
): readonly string[] =>
  folders.length === 0
    ? []
    : [
        ...step,
        '        with:',
        '          path: |',
        ...folders.map((folder) => `            ${isAbsolute(folder) ? folder : posix.join(below, folder)}`),
        `          key: imgsizes-${expression('github.run_id')}-${expression('github.run_attempt')}`,
        ...rest,
      ]

const formatRestore = (facts: CiFacts): readonly string[] =>
  formatCache(facts, ['      - uses: actions/cache/restore@v4'], ['          restore-keys: imgsizes-'])

/** Also after a picture has failed, because the others were made. */
const formatSave = (facts: CiFacts): readonly string[] =>
  formatCache(facts, ['      - uses: actions/cache/save@v4', '        if: always()'], [])

const formatGitlab = (facts: CiFacts): string =>
  toText([
    '# Written by `imgsizes init --ci gitlab`. Yours to change. Include it in .gitlab-ci.yml:',
    '#   include: {local: .gitlab/imgsizes.yml}',
    ...cacheHint(facts),
    '.imgsizes:',
    '  image: node:22-bookworm-slim',
    '  resource_group: imgsizes',
    '  timeout: 1h',
    '  before_script:',
    ...facts.packages.install.map((command) => `    - ${command}`),
    'imgsizes-build:',
    '  extends: .imgsizes',
    '  rules:',
    "    - if: $CI_PIPELINE_SOURCE != 'schedule' && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
    ...formatGitlabCache(facts),
    '  script:',
    `    ${PURGE_HINT}`,
    `    - ${buildOf(facts)}`,
    ...(facts.isBucketOutput
      ? [
          'imgsizes-nightly:',
          '  extends: .imgsizes',
          '  rules:',
          "    - if: $CI_PIPELINE_SOURCE == 'schedule'",
          '  script:',
          `    ${NIGHTLY_HINT}`,
          `    - ${buildOf(facts)}`,
          `    ${PRUNE_HINT}`,
          `    - ${pruneOf(facts)}`,
        ]
      : [`    ${PRUNE_HINT}`, `    - ${pruneOf(facts)} || true`]),
  ])

const formatGitlabCache = ({ folders }: CiFacts): readonly string[] => {
  const [output] = folders
  if (output === undefined) return []
  return [
    '  cache:',
    '    key: imgsizes',
    '    when: always',
    '    paths:',
    ...folders.map((folder) => `      - ${quoteYaml(`${folder}/`)}`),
    '  # For the job that publishes the site: say `needs: [imgsizes-build]` there.',
    '  artifacts:',
    '    paths:',
    `      - ${quoteYaml(`${output}/`)}`,
    '    exclude:',
    `      - ${quoteYaml(`${output}/.imgsizes/**/*`)}`,
    '    expire_in: 1 day',
  ]
}

const quoteYaml = (text: string): string => `'${text.replaceAll("'", "''")}'`

const formatCron = ({ root, nodeFolder, packages }: CiFacts): string => {
  const folder = quoteForCron(root)
  return toText([
    '# Written by `imgsizes init --ci cron`. Yours to change. To install: (crontab -l; cat imgsizes.cron) | crontab -',
    '# A build makes what is missing or out of date, and nothing else.',
    '# The secret, credentials and region come from .env in the folder. flock: never two runs at once.',
    `PATH=${nodeFolder}:/usr/local/bin:/usr/bin:/bin`,
    `*/15 * * * * cd ${folder} && flock -n imgsizes.cron ${packages.run} build --quiet --changed changed-urls.txt`,
    PRUNE_HINT,
    `17 3 * * * cd ${folder} && flock imgsizes.cron ${packages.run} prune --quiet`,
  ])
}

/** For a shell, and for cron, to which a plain % means the end of the command. */
const quoteForCron = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`.replaceAll('%', '\\%')

const toText = (lines: readonly string[]): string => `${lines.join('\n')}\n`
