import { unreachable } from '../core/unreachable.ts'

export const CI_KINDS = ['github', 'gitlab', 'cron'] as const
export type CiKind = (typeof CI_KINDS)[number]

/** What a job depends on. */
export interface CiFacts {
  /** The project's folder, absolute. */
  readonly root: string
  /** Whether sources or results are in a bucket, for which credentials are needed. */
  readonly hasBucket: boolean
  /** The folder of the `node` that runs now: cron knows no PATH of ours. */
  readonly nodeFolder: string
}

/** A file of a job: its path below the project, and what it says. */
export interface CiFile {
  readonly path: string
  readonly text: string
}

/** One job for what is new, and one by the clock for what came by another way and for what is to be deleted. */
export const formatCi = (kind: CiKind, facts: CiFacts): CiFile => {
  switch (kind) {
    case 'github':
      return { path: '.github/workflows/imgsizes.yml', text: formatGithub(facts) }
    case 'gitlab':
      return { path: '.gitlab/imgsizes.yml', text: formatGitlab(facts) }
    case 'cron':
      return { path: 'imgsizes.cron', text: formatCron(facts) }
    default:
      return unreachable(kind)
  }
}

/** What has to be done by hand, once. */
export const ciNextSteps = (kind: CiKind, { hasBucket }: CiFacts): readonly string[] => {
  const names = [
    'IMGSIZES_SECRET',
    ...(hasBucket ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : []),
  ].join(', ')
  switch (kind) {
    case 'github':
      return [`gh secret set …             for each of ${names}`]
    case 'gitlab':
      return [
        'include: {local: .gitlab/imgsizes.yml}   in .gitlab-ci.yml',
        `Settings, CI/CD, Variables: ${names}, masked; and a schedule, once a day`,
      ]
    case 'cron':
      return ['(crontab -l; cat imgsizes.cron) | crontab -']
    default:
      return unreachable(kind)
  }
}

const NO_CACHE = [
  '# Nothing is cached between runs: the store is the cache. A build lists it and makes what is missing or out of date,',
  '# so that a new size in the configuration is made by the run of its own commit, and nothing else is.',
]

const publishHint = ({ hasBucket }: CiFacts, indent: string): readonly string[] =>
  hasBucket
    ? [
        `${indent}# changed-urls.txt names what was replaced: the URLs to purge from a CDN. With \`versions\` there are none.`,
      ]
    : [
        `${indent}# The results are in the output folder of the configuration: publish it with the site, in a step after this.`,
      ]

const formatGithub = (facts: CiFacts): string => {
  const secret = (name: string): string => `  ${name}: $\{{ secrets.${name} }}`
  const setUp = [
    '    runs-on: ubuntu-latest',
    '    timeout-minutes: 60',
    '    steps:',
    '      - uses: actions/checkout@v4',
    '      - uses: actions/setup-node@v4',
    '        with:',
    '          node-version: 22',
    '      - run: npm ci',
  ]
  return toText([
    '# Written by `imgsizes init --ci github`. Yours to change.',
    ...NO_CACHE,
    'name: pictures',
    'on:',
    '  push:',
    '    branches: [main]',
    '  schedule:',
    "    - cron: '17 3 * * *'",
    '  workflow_dispatch:',
    'permissions:',
    '  contents: read',
    'concurrency:',
    '  group: imgsizes',
    '  cancel-in-progress: false',
    'env:',
    "  MALLOC_ARENA_MAX: '2'",
    secret('IMGSIZES_SECRET'),
    ...(facts.hasBucket ? [secret('AWS_ACCESS_KEY_ID'), secret('AWS_SECRET_ACCESS_KEY')] : []),
    'jobs:',
    '  build:',
    "    if: github.event_name != 'schedule'",
    ...setUp,
    '      - run: npx imgsizes build --changed changed-urls.txt',
    ...publishHint(facts, '      '),
    '  nightly:',
    "    if: github.event_name == 'schedule'",
    ...setUp,
    '      # Pictures that came into a bucket by themselves, and results that the origin made in a hurry.',
    '      - run: npx imgsizes build --changed changed-urls.txt',
    '      # What nothing has asked for in a week. It refuses to delete a lot at once.',
    '      - run: npx imgsizes prune',
  ])
}

const formatGitlab = (facts: CiFacts): string =>
  toText([
    '# Written by `imgsizes init --ci gitlab`. Yours to change. Include it in .gitlab-ci.yml:',
    '#   include: {local: .gitlab/imgsizes.yml}',
    ...NO_CACHE,
    '.imgsizes:',
    '  image: node:22-bookworm-slim',
    '  resource_group: imgsizes',
    '  timeout: 1h',
    '  variables:',
    "    MALLOC_ARENA_MAX: '2'",
    '  before_script:',
    '    - npm ci',
    'imgsizes-build:',
    '  extends: .imgsizes',
    '  rules:',
    "    - if: $CI_PIPELINE_SOURCE != 'schedule' && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
    '  script:',
    '    - npx imgsizes build --changed changed-urls.txt',
    ...publishHint(facts, '  '),
    'imgsizes-nightly:',
    '  extends: .imgsizes',
    '  rules:',
    "    - if: $CI_PIPELINE_SOURCE == 'schedule'",
    '  script:',
    '    # Pictures that came into a bucket by themselves, and results that the origin made in a hurry.',
    '    - npx imgsizes build --changed changed-urls.txt',
    '    # What nothing has asked for in a week. It refuses to delete a lot at once.',
    '    - npx imgsizes prune',
  ])

const formatCron = ({ root, nodeFolder }: CiFacts): string => {
  const folder = quoteForCron(root)
  return toText([
    '# Written by `imgsizes init --ci cron`. Yours to change. To install: (crontab -l; cat imgsizes.cron) | crontab -',
    ...NO_CACHE,
    '# The secret and credentials come from .env in the folder. flock: never two runs at once.',
    'MALLOC_ARENA_MAX=2',
    `PATH=${nodeFolder}:/usr/local/bin:/usr/bin:/bin`,
    `*/15 * * * * cd ${folder} && flock -n imgsizes.cron npx imgsizes build --quiet --changed changed-urls.txt`,
    '# What nothing has asked for in a week. It refuses to delete a lot at once.',
    `17 3 * * * cd ${folder} && flock imgsizes.cron npx imgsizes prune --quiet`,
  ])
}

/** For a shell, and for cron, which takes a bare % for the end of the command. */
const quoteForCron = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`.replaceAll('%', '\\%')

const toText = (lines: readonly string[]): string => `${lines.join('\n')}\n`
