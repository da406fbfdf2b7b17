import { expect, it } from 'vitest'
import { POLICIES, type ProblemCode } from '../../src/core/problem.ts'
import { formatProblem } from '../../src/http/problems.ts'

it('each answer that is a problem says in words what is wrong', () => {
  const titles = Object.entries(POLICIES).flatMap(([code, policy]) => {
    const { body } = formatProblem({ code: code as ProblemCode }, {})
    return 'status' in policy ? [JSON.parse(new TextDecoder().decode(body)).title] : []
  })
  expect(titles.length).toBeGreaterThan(20)
  expect(titles).not.toContain('The request failed.')
})
