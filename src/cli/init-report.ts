import { compact } from '../core/defined.ts'
import type { Copies } from '../core/resized-copy.ts'
import { formatCount } from './format-numbers.ts'
import { formatCopies, formatKinds } from './report-left-out.ts'
import type { Survey } from './survey.ts'
import type { Style } from './terminal.ts'

/** What `init` has written in a project that had no configuration. */
interface Written {
  readonly file: string
  readonly isSecretNew: boolean
  readonly ignored: readonly string[]
  /** Whether package.json lists this package, or does not exist. */
  readonly isInstalled: boolean
  /** Adds this package to the project. */
  readonly addCommand: string
  readonly hasBucket: boolean
  readonly jobFile: string | undefined
  readonly jobSteps: readonly string[]
}

/** What was found, what was written, and what to do next. */
export const formatInit = (survey: Survey, written: Written, style: Style): string => {
  const { source, output, isServedWhole } = survey
  const { file, isSecretNew, ignored, jobFile } = written
  return compact(
    ...formatFound(survey, style),
    '',
    `${style.green('wrote')} ${file}: from ${source} to ${output}`,
    isSecretNew ? formatNewSecret(style) : 'kept the IMGSIZES_SECRET that is in .env',
    ...formatIgnored(ignored, style),
    jobFile !== undefined && `${style.green('wrote')} ${jobFile}`,
    isServedWhole &&
      `${style.yellow('This folder is what the site serves:')} make sure that .env, which holds the secret, is never published.`,
    ...formatNext(listSteps(survey, written, style)),
  ).join('\n')
}

/** Only the secret, for a project that has a configuration. */
export const formatSecret = ({ file, ignored }: Pick<Written, 'file' | 'ignored'>, style: Style): string =>
  [
    `kept ${file}`,
    formatNewSecret(style),
    ...formatIgnored(ignored, style),
    '',
    'If this project has a secret elsewhere (in CI, on a server, on another',
    'machine), put that one into .env in its place: URLs are then the same.',
  ].join('\n')

/** Only the job, for a project that is set up. */
export const formatJob = (path: string, steps: readonly string[], style: Style): string =>
  [`${style.green('wrote')} ${path}`, ...formatNext(steps)].join('\n')

const formatFound = (survey: Survey, style: Style): readonly string[] => {
  const { source, pictures, others, leftOut, copies, framework, site } = survey
  const also = others.slice(0, 3).map(({ folder, pictures: count }) => `${folder} (${count})`)
  const place = source === '.' ? 'this folder itself' : style.bold(source)
  const shown = site.folder === '' ? 'this folder' : `${site.folder}/`
  return compact(
    ...(pictures > 0
      ? [`Found ${formatCount(pictures, 'picture')} in ${place}.`]
      : [
          'No pictures were found.',
          `The configuration says ${place}: put them there, or correct \`source\` in it.`,
        ]),
    ...copies.map((each) => `${formatCopies(each)}: \`exclude\` leaves them out${formatOthers(each)}.`),
    leftOut.size > 0 && `Some pictures are left out: ${formatKinds(leftOut)}. Save them as JPEG or PNG.`,
    also.length > 0 && style.dim(`There are others in ${also.join(', ')}.`),
    framework !== undefined && `The site: ${framework}, which shows what is in ${shown} under ${site.path}.`,
  )
}

const formatOthers = ({ others }: Copies): string =>
  others.length === 0
    ? ''
    : `, and with them ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}, of which no larger one was found`

const formatNewSecret = (style: Style): string =>
  `${style.green('wrote')} a random IMGSIZES_SECRET into .env\n  keep it safe: it signs every URL, and a new one changes them all`

const formatIgnored = (lines: readonly string[], style: Style): readonly string[] =>
  lines.length === 0 ? [] : [`${style.green('added')} ${lines.join(' and ')} to .gitignore`]

const listSteps = (
  { output, note }: Survey,
  { file, isInstalled, addCommand, hasBucket, jobSteps }: Written,
  style: Style,
): readonly string[] =>
  compact(
    !isInstalled && formatStep(addCommand, 'keep to this version', style),
    ...jobSteps,
    `look through ${file}, above all \`sizes\``,
    note !== undefined && note,
    hasBucket && `say in \`baseUrl\` the address of the CDN in front of ${output}`,
    formatStep('imgsizes build', 'make every size', style),
    formatStep('imgsizes url <picture>', 'print its signed URLs', style),
    formatStep('imgsizes serve', 'answer what is not made yet', style),
  )

const COMMAND_WIDTH = 34

const formatStep = (command: string, meaning: string, style: Style): string =>
  `${style.cyan(command)}${' '.repeat(COMMAND_WIDTH - command.length)}${meaning}`

const formatNext = (steps: readonly string[]): readonly string[] => [
  '',
  'Next:',
  ...steps.map((step) => `  ${step}`),
]
