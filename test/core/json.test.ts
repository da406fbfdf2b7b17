import { expect, it } from 'vitest'
import {
  type Form,
  having,
  isNumber,
  isObject,
  isText,
  listOf,
  maybe,
  parseJson,
  startingWith,
} from '../../src/core/json.ts'

it.each<[string, Form, readonly string[], readonly string[]]>([
  ['a text', isText, ['""'], ['1', 'null', '']],
  ['a number', isNumber, ['0', '-1.5'], ['1e999', '"1"', 'nul']],
  ['an object', isObject, ['{}'], ['null', '[]', '"{}"']],
  ['a list', listOf(isText), ['[]', '["a","b"]'], ['["a",1]', '{}', '"a"']],
  [
    'a beginning',
    startingWith(isText, isNumber),
    ['["a",1]', '["a",1,{}]'],
    ['[]', '["a","b"]', '{"0":"a","1":1}'],
  ],
  [
    'properties',
    having({ a: isText, b: maybe(isNumber) }),
    ['{"a":"x"}', '{"a":"x","b":1,"c":2}'],
    ['{}', '{"a":1}', '{"a":"x","b":"y"}', '{"a":"x","b":null}', '[]'],
  ],
])('%s is told from what is none', (_, form, yes, no) => {
  const takes = (texts: readonly string[]) => texts.filter((text) => form(parseJson(text)))
  expect([takes(yes), takes(no)]).toEqual([yes, []])
})
