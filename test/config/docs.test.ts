import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

/** What an editor shows to who writes a configuration or a page: every field says what it means. */

const undocumented = (text: string): readonly string[] =>
  [...text.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)].flatMap(
    ([, name = '', body = '']) => {
      const lines = body.split('\n')
      return lines.flatMap((line, index) => {
        const [, field] = /^ {2}readonly (\w+)\??: /.exec(line) ?? []
        const isSaid = lines[index - 1]?.trimEnd().endsWith('*/') === true
        return field === undefined || isSaid ? [] : [`${name}.${field}`]
      })
    },
  )

test.each(['config/schema.ts', 'config/serve-schema.ts'])(
  'every option in %s has a sentence',
  async (file) => {
    const text = await readFile(new URL(`../../src/${file}`, import.meta.url), 'utf8')
    expect(undocumented(text).filter((field) => !SELF_EVIDENT.has(field))).toEqual([])
  },
)

test('this test can fail', () => {
  const text = 'export interface A {\n  /** Said. */\n  readonly a?: 1\n  readonly b?: 2\n}\n'
  expect(undocumented(text)).toEqual(['A.b'])
})

const SELF_EVIDENT = new Set(['RetiredSecretInput.value', 'RetiredSecretInput.retired'])
