import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { formatJsonConfig } from '../../src/cli/config-template.ts'
import { configSchema } from '../../src/config/schema.ts'

/** The schema that editors read for `imgsizes.config.json`, made of the rows of options by `npm run build`. */

const schema = JSON.parse(
  await readFile(resolve(import.meta.dirname, '../../dist/config.schema.json'), 'utf8'),
)
const isValid = new Ajv({ allErrors: true }).compile(schema)

const CONFIG = { source: './photos', output: './img', sizes: { card: { width: 400, height: 300 } } }

describe('the JSON Schema of the configuration', () => {
  test('takes what init writes', () => {
    const text = formatJsonConfig({ source: 'photos', output: 'public/img', baseUrl: '/img/' })
    expect(isValid(JSON.parse(text)), JSON.stringify(isValid.errors)).toBe(true)
  })

  test.each([
    { ...CONFIG, source: { blog: './posts', shop: { uri: 's3://shop/photos' } } },
    { ...CONFIG, secret: ['correct-horse-battery', { value: 'correct-horse-battery', retired: true }] },
    { ...CONFIG, sizes: { a: { widths: [1], position: 'top' }, b: { full: true, draw: true } } },
    { ...CONFIG, dialects: [{ type: 'nginx', prefix: '/t/', secret: 's', arg: 'key', mode: 'resize' }] },
    { ...CONFIG, serve: { cache: { maxBytes: '20GB' }, trustProxy: 2, log: { level: 'info' } } },
    { ...CONFIG, sizes: { a: { width: 9, background: '#FFf0f0', position: { x: 0, y: 1000 } } } },
    {
      ...CONFIG,
      dialects: [{ type: 'imgproxy', key: 'AB', salt: ['cd', 'ef'] }],
      serve: { placeholder: 'a.PNG' },
    },
  ])('takes $source $sizes $serve', (config) => {
    expect(isValid(config), JSON.stringify(isValid.errors)).toBe(true)
  })

  test.each([
    ['an option that there is not', { ...CONFIG, qualty: 80 }],
    ['a fit that there is not', { ...CONFIG, sizes: { a: { width: 1, height: 1, fit: 'crop' } } }],
    ['no output', { source: './photos' }],
    ['a text for a number', { ...CONFIG, quality: '80' }],
    ['a number out of range', { ...CONFIG, quality: 101 }],
    ['a part of a number', { ...CONFIG, sizes: { a: { width: 1.5 } } }],
    ['an option of another dialect', { ...CONFIG, dialects: [{ type: 'nginx', prefix: '/', salt: 'ab' }] }],
  ])('refuses %s', (_, config) => {
    expect(isValid(config)).toBe(false)
  })

  test('knows every option, each with a sentence', () => {
    const { properties } = schema
    expect(Object.keys(properties).sort()).toEqual(Object.keys(configSchema.shape).sort())
    for (const [name, { description }] of Object.entries<{ description?: string }>(properties))
      expect([name, description]).toEqual([name, expect.stringMatching(/^[^{@]+[.:]/)])
  })
})
