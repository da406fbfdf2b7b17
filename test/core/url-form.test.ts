import { describe, expect, test } from 'vitest'
import { compileUrlForm } from '../../src/core/url-form.ts'
import { expectCpuWithin } from '../support/cpu.ts'

const read = (form: string, url: string): string => {
  const [rest = '', query] = url.split(/\?(.*)/s)
  const parts = compileUrlForm(form)?.(rest, (name) => new URLSearchParams(query).get(name) ?? undefined)
  return parts === undefined ? 'none' : `${parts.path} ${parts.width ?? ''}x${parts.height ?? ''}`
}

describe('a form of URLs', () => {
  test.each([
    ['{width}x{height}/{path}', '300x200/a/b.jpg', 'a/b.jpg 300x200'],
    ['{width}x{height}/{path}', '-x0/a.jpg', 'a.jpg -x0'],
    ['{width}x{height}/{path}', '300/a.jpg', 'none'],
    ['{width}x{height}/{path}', '3.5x2/a.jpg', 'none'],
    ['{width}x{height}/{path}', '300x200/', 'none'],
    ['{width}/{height}/{path}', '300/-/a.jpg', 'a.jpg 300x-'],
    ['w_{width},h_{height}/{path}', 'w_300,h_200/a.jpg', 'a.jpg 300x200'],
    ['{width}/{path}', '300/200/a.jpg', '200/a.jpg 300x'],
    ['{size}/{path}', '300/a.jpg', 'a.jpg 300x300'],
    ['{path}!{width}x{height}', 'a!1x2.jpg!30x20', 'a!1x2.jpg 30x20'],
    ['{path}_{size}.{ending}', 'a.png_90.webp', 'a.png 90x90'],
    ['{stem}-{width}x{height}.{ending}', 'a/b-c-300x200.jpg', 'a/b-c.jpg 300x200'],
    ['{stem}-{width}x{height}.{ending}', 'a/b.jpg', 'none'],
    ['{path}?w={width}&h={height}', 'a.jpg?x=1&h=20&w=30', 'a.jpg 30x20'],
    ['{path}?w={width}&h={height}', 'a.jpg?w=&h=20', 'a.jpg x20'],
    ['{path}?w={width}&h={height}', 'a.jpg?w=-', 'a.jpg -x'],
    ['{path}?w={width}&h={height}', 'a.jpg', 'a.jpg x'],
    ['{path}?w={width}', 'a.jpg?w=3em', 'a.jpg 3emx'],
    ['{path}?size=small', 'a.jpg?x=1&size=small', 'a.jpg x'],
    ['{path}?size=small', 'a.jpg?size=smaller', 'none'],
    ['{path}?size=small&h={height}', 'a.jpg?size=small&h=20', 'a.jpg x20'],
    ['{path}?size=small&h={height}', 'a.jpg?h=20', 'none'],
    ['small/{path}', 'small/a.jpg', 'a.jpg x'],
    ['{height}/{path}?w={width}', '20/a.jpg?w=30', 'a.jpg 30x20'],
    ['{path}', 'line\nend', 'line\nend x'],
  ])('%s reads %j as %j', (form, url, expected) => {
    expect(read(form, url)).toBe(expected)
  })

  test.each([
    '',
    '{width}x{height}',
    '{width}x{height}/{name}',
    '{}/{path}',
    '{width}{height}/{path}',
    '{width}/{width}/{path}',
    '{path}/{path}',
    '{size}x{height}/{path}',
    '{stem}-{size}',
    '{path}-{stem}.{ending}',
    '{ending}/{path}',
    '{path}-{size}.{ending}x',
    '{stem}x{ending}',
    '{width}x200/{path}',
    '(a+)+{width}/{path}',
    '{path}?w=',
    '{path}?w=3.5',
    '{path}?w={size}&w',
    '{path}?w={path}',
    '{path}?w={width}&',
    '{width}/{path}?w={width}',
  ])('%j is none', (form) => {
    expect(compileUrlForm(form)).toBeUndefined()
  })

  test('is read in time proportional to the URL', async () => {
    const forms = ['{path}!{width}x{height}', '{stem}-{width}x{height}.{ending}', '{path}_{size}.{ending}']
    await expectCpuWithin(10, () => {
      for (const form of forms)
        for (const part of ['!', '-', '_', '1', '!1', '-1x', '-1x1.', '_1.a', 'a', '.'])
          expect(read(form, `${part.repeat(200_000)}/`)).toBe('none')
    })
  })
})
