import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImages } from '../../src/index.ts'
import { makeSharedFolder } from '../support/folder.ts'
import { findProgram, installPackages } from '../support/packages.ts'
import { SECRET } from './support.ts'

const BASE = 'https://img.example.com/'

/** docs/reference/contracts.md, and names that need every kind of escape. */
const VECTORS = [
  ['photos/cat.jpg', '640w.q80', 'F5qBZZuh0iN5uWNN'],
  ['photos/cat.jpg', '300x200.cover.q80', 'sY6ujT5sKtppyKbs'],
  ['photos/cat.jpg', '300x200.cover.attention.q75', 'F7gjf_aXtMauRx-i'],
  ['photos/cat.jpg', '300x200.cover.focus-333-500.q80', '4e477mf8FkjF1pRg'],
  ['été/ça & là 100%.png', '400h.q80', 'SITBIWXp09WiqNnD'],
  ['a/b.c/d.jpg', '1200x630.contain.bg-ffffff.q90.v-62b5e29568', 'yAHcIDyh_CfncbL-'],
  ['wiki/commons/0/01/Tiger.25.jpg', '150x150.inside.q75', '5Zp1kztFrvBck5vy'],
  ['it\'s (a) *test*!~ $HOME `x` "y" #?+;,=@:[]^|{}<>.jpg', '1w.q1', undefined],
  ['日本語/😀.gif', '1w.q100', undefined],
] as const

const images = createImages({ baseUrl: BASE, secret: SECRET })

/** A language: the program that runs it, and how a script of it prints one URL of five arguments. */
interface Language {
  readonly name: string
  readonly program: string
  readonly argv: (folder: string) => readonly string[]
}

const recipe = (file: string): string => resolve(import.meta.dirname, 'signing', file)

const callers: Readonly<Record<string, string>> = {
  'call.sh': `. '${recipe('sign.sh')}'\nimgsizes_url "$@"\n`,
  'call.py': `import sys\nexec(open('${recipe('sign.py')}').read())\nprint(imgsizes_url(*sys.argv[1:]))\n`,
  'call.php': `<?php\nrequire '${recipe('sign.php')}';\necho imgsizes_url(...array_slice($argv, 1)), "\\n";\n`,
  'call.rb': `require '${recipe('sign.rb')}'\nputs imgsizes_url(*ARGV)\n`,
  'call.pl': `require '${recipe('sign.pl')}';\nprint imgsizes_url(@ARGV), "\\n";\n`,
}

const LANGUAGES: readonly Language[] = [
  { name: 'shell', program: 'openssl', argv: (folder) => ['/bin/sh', join(folder, 'call.sh')] },
  { name: 'Python', program: 'python3', argv: (folder) => ['python3', join(folder, 'call.py')] },
  { name: 'PHP', program: 'php', argv: (folder) => ['php', join(folder, 'call.php')] },
  { name: 'Ruby', program: 'ruby', argv: (folder) => ['ruby', join(folder, 'call.rb')] },
  { name: 'Perl', program: 'perl', argv: (folder) => ['perl', join(folder, 'call.pl')] },
]

const isRoot = process.getuid?.() === 0

describe('signing in other languages', () => {
  const folder = makeSharedFolder()
  beforeAll(async () => {
    for (const [name, text] of Object.entries(callers)) writeFileSync(join(folder, name), text)
    if (isRoot)
      await installPackages({
        what: 'languages',
        packages: ['openssl', 'python3', 'php-cli', 'ruby', 'perl'],
        programs: LANGUAGES.map(({ program }) => program),
      })
  }, 300_000)
  afterAll(() => {
    const missing = LANGUAGES.filter(({ program }) => findProgram(program) === undefined)
    if (missing.length > 0)
      process.stderr.write(
        `not tried, for want of a program: ${missing.map(({ name }) => name).join(', ')}\n`,
      )
  })

  it('has vectors that our own signing meets', () => {
    for (const [source, transform, signature] of VECTORS)
      if (signature !== undefined)
        expect(images.url(source, transform, { format: 'webp' })).toContain(signature)
  })

  it.each(LANGUAGES)(
    '$name signs and escapes as we do',
    async ({ program, argv }) => {
      if (findProgram(program) === undefined && !isRoot) return
      const [file = '', ...args] = argv(folder)
      for (const [source, transform] of VECTORS) {
        const call = [...args, BASE, SECRET, source, transform, 'webp']
        const { stdout } = await promisify(execFile)(file, call, {
          env: { ...process.env, LC_ALL: 'C.UTF-8' },
        })
        expect(stdout).toBe(`${images.url(source, transform, { format: 'webp' })}\n`)
      }
    },
    60_000,
  )

  it.runIf(findProgram('go'))(
    'Go, where it is installed',
    async () => {
      const main = `package main
import ("fmt"; "os"; "example/imgsizes")
func main() { a := os.Args; fmt.Println(imgsizes.URL(a[1], a[2], a[3], a[4], a[5])) }`
      writeFileSync(join(folder, 'go.mod'), 'module example\n\ngo 1.19\n')
      writeFileSync(join(folder, 'main.go'), main)
      mkdirSync(join(folder, 'imgsizes'))
      copyFileSync(recipe('sign.go'), join(folder, 'imgsizes/sign.go'))
      const env = { ...process.env, GOFLAGS: '-mod=mod' } // its own cache: Go's library is compiled once
      await promisify(execFile)('go', ['build', '-o', 'sign', '.'], { cwd: folder, env })
      for (const [source, transform] of VECTORS) {
        const { stdout } = await promisify(execFile)(join(folder, 'sign'), [
          BASE,
          SECRET,
          source,
          transform,
          'webp',
        ])
        expect(stdout).toBe(`${images.url(source, transform, { format: 'webp' })}\n`)
      }
    },
    180_000,
  )
})
