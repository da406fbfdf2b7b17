import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '../core/problem.ts'
import { type CiFacts, type CiKind, ciNextSteps, formatCi } from './ci-template.ts'
import { writeNew } from './init-files.ts'

export interface CiJob {
  /** Writes the job. Problem `config-exists` where somebody was faster. */
  write(): Promise<string>
  readonly nextSteps: readonly string[]
}

/** A job that can be written; Problem `config-exists`, before anything is, where there is one. */
export const prepareCi = (kind: CiKind, facts: CiFacts): CiJob => {
  const { path, text } = formatCi(kind, facts)
  const file = join(facts.root, path)
  if (existsSync(file))
    throw new Problem('config-exists', `${file} exists and was left as it is`, {
      subject: file,
      hint: 'Edit it, or remove it first. Nothing was written.',
    })
  return {
    nextSteps: ciNextSteps(kind, facts),
    write: async () => {
      await mkdir(dirname(file), { recursive: true })
      await writeNew(file, text)
      return path
    },
  }
}

/** Whether a configuration's text names a bucket: it may be code, and is not run for this. */
export const namesBucket = async (file: string): Promise<boolean> =>
  (await readFile(file, 'utf8')).includes('s3://')
