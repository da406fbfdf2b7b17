import { writeFile } from 'node:fs/promises'
import { formatProblems } from './problems.ts'

/** `npm run docs`: writes what the reference takes from the code. A test fails where it is out of date. */
await writeFile(new URL('../reference/problems.md', import.meta.url), formatProblems())
