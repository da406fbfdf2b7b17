import { Problem } from '../core/problem.ts'

/** Nothing is wrong: the work was told to stop before. */
export const STOPPED = new Problem('stopped', 'It was told to stop before this was made.')
