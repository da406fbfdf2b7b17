import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findUnshown } from '../../src/cli/commands/html.ts'
import { makeSharedFolder } from '../support/folder.ts'

const cwd = makeSharedFolder()
for (const folder of ['public/img', 'dist/assets', 'copied/img'])
  mkdirSync(join(cwd, folder), { recursive: true })

const find = (dir: string, { baseUrl = '/img/', kind = 'folder' } = {}) => {
  const output =
    kind === 'folder' ? { kind, path: join(cwd, 'public/img') } : { kind, bucket: 'b', prefix: '' }
  return findUnshown({ output, baseUrl } as Parameters<typeof findUnshown>[0], { dir: join(cwd, dir), cwd })
}

it.each([
  [
    '.',
    '/img/',
    "If this folder is the site's root, set baseUrl to /public/img/; else name the folder that is.",
  ],
  ['dist', '/img/', 'Copy public/img to dist/img before you publish, or have your server show it at /img/.'],
  [
    'dist',
    '/a/img/',
    'Copy public/img to dist/a/img before you publish, or have your server show it at /a/img/.',
  ],
])('is told where the files are, and what to do: pages in %s that name %s', async (dir, baseUrl, hint) => {
  const problem = await find(dir, { baseUrl })
  expect(problem?.message).toContain(`The pages name pictures as ${baseUrl}…, and `)
  expect(problem?.message).toContain('the files are in public/img.')
  expect(problem?.hint).toBe(hint)
})

it.each([
  ['public', {}],
  ['copied', {}],
  ['public', { baseUrl: '/blog/img/' }],
  ['.', { baseUrl: '/public/img/' }],
  ['dist', { baseUrl: 'https://img.example.com/' }],
  ['dist', { baseUrl: '//img.example.com/' }],
  ['dist', { baseUrl: '/' }],
  ['dist', { kind: 's3' }],
])('is silent where the site has them, or nobody can tell: %s %o', async (dir, given) => {
  expect(await find(dir, given)).toBeUndefined()
})
