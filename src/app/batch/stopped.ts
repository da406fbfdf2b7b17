import { Problem } from '../../core/problem.ts'

/** Not an error: the work was told to stop before it began. */
export const STOPPED = new Problem('stopped', 'The run was stopped before this was made.')
