import { describe, expect, test } from 'vitest'
import { makeProject, run } from './support.ts'

describe('origin', () => {
  test('says what is wrong with its command line', async () => {
    const cwd = await makeProject([])
    for (const [args, says] of [
      [['apache'], /"apache".*nginx, caddy, cloudfront, cloudflare/],
      [['nginx', '--serve', 'localhost:3000'], /--serve is "localhost:3000"/],
      [['nginx', '--serve', 'http://localhost:3000/img/'], /path is that of baseUrl/],
      [['nginx', '--bucket-url', 'https://a/?b'], /--bucket-url/],
    ] as const) {
      const { code, stdout, stderr } = await run(['origin', ...args], { cwd })
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
      expect(stderr).toMatch(says)
    }
  })

  test('refuses what a CDN could not reach, and prints the same as JSON', async () => {
    const cwd = await makeProject([])
    const local = await run(['origin', 'cloudfront'], { cwd })
    expect([local.code, local.stdout]).toEqual([1, ''])
    expect(local.stderr).toMatch(/--serve https:\/\//)
    const text = await run(['origin', 'caddy'], { cwd })
    const { config, ...rest } = JSON.parse((await run(['origin', 'caddy', '--json'], { cwd })).stdout)
    expect(rest).toEqual({ version: 1, server: 'caddy' })
    expect(config.trimEnd()).toBe(text.stdout.trimEnd())
  })
})
