import { expect, it } from 'vitest'
import { createReadPageRules, readHeaderPolicies } from '../../../src/app/site/page-rules.ts'
import type { PageCode } from '../../../src/page/page-code.ts'
import { expectCpuWithin } from '../../support/cpu.ts'

/** The selectors that a page with these style sheets and scripts has, of a site with these files. */
const read = async (files: Readonly<Record<string, string>>, codes: readonly PageCode[]) => {
  const asked: string[] = []
  const readRules = createReadPageRules(
    { pathOf: (href) => (href.startsWith('https:') ? undefined : href.replace(/\?.*/, '')) },
    async (path) => {
      asked.push(path)
      return files[path]
    },
  )
  const first = await readRules(codes, { path: 'index.html' })
  const again = await readRules(codes, { path: 'other.html' })
  expect(again).toEqual(first)
  return { texts: first.map(({ text }) => text), asked }
}

const sheet = (href: string): PageCode => ({ kind: 'css', href })

it('a style sheet comes after those that it imports, and each is read once', async () => {
  const files = {
    'a.css': '@import "b.css"; @import url(c.css?1); .a > b {}',
    'b.css': '@import "c.css"; .b > b {}',
    'c.css': '.c > b {}',
  }
  const { texts, asked } = await read(files, [
    sheet('a.css'),
    sheet('https://x/c.css'),
    sheet('c.css'),
    sheet('gone.css'),
  ])
  expect(texts).toEqual(['.c > b', '.b > b', '.a > b'])
  expect(asked).toEqual(['a.css', 'b.css', 'c.css', 'gone.css'])
})

it('style sheets may import themselves and one another', async () => {
  const files = {
    'a.css': '@import "a.css"; @import "b.css"; .a > b {}',
    'b.css': '@import "a.css"; .b > b {}',
  }
  expect((await read(files, [sheet('a.css')])).texts).toEqual(['.b > b', '.a > b'])
})

it('a <style> imports what it names beside its page, and counts once', async () => {
  const style: PageCode = { kind: 'css', text: '@import url("a.css"); p > b {}' }
  const { texts } = await read({ 'a.css': '.a > b {}' }, [style, style, { kind: 'script', text: 'x.src=1' }])
  expect(texts).toEqual(['.a > b', 'p > b', '[id="x"]', '[name="x"]'])
})

it('what a style sheet imports lies beside it, not beside the page', async () => {
  const files = { 'css/a.css': '@import "b.css"; .a > b {}', 'css/b.css': '.b > b {}', 'b.css': '.c > b {}' }
  const readRules = createReadPageRules(
    { pathOf: (href, { path }) => new URL(href, `file:///${path}`).pathname.slice(1) },
    async (path) => files[path as keyof typeof files],
  )
  const rules = await readRules([sheet('css/a.css')], { path: 'index.html' })
  expect(rules.map(({ text }) => text)).toEqual(['.b > b', '.a > b'])
})

it('a policy that a file of headers says of each page counts once', async () => {
  const header = '  Content-Security-Policy: img-src https:'
  const text = ['/a', header, '/b', header, '/c', '  Content-Security-Policy: img-src data:'].join('\n')
  expect(await readHeaderPolicies(async (path) => (path === '_headers' ? text : undefined))).toEqual([
    'img-src https:',
    'img-src data:',
  ])
})

it('many imports of many are read soon', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 8 }, (_, at) => [
      `${at}.css`,
      `${`@import "${at + 1}.css"; `.repeat(200)}.a > b {}`,
    ]),
  )
  await expectCpuWithin(5, async () => {
    const codes = Array.from({ length: 3000 }, () => sheet('0.css'))
    expect((await read(files, codes)).texts).toHaveLength(8)
  })
})
