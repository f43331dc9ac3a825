import { describe, expect, test } from 'vitest'
import { checkPattern } from '../../../src/definitions/pattern.ts'

describe('checkPattern', () => {
  test.each([
    '^[0-]*$',
    'test',
    '^(anonymous|null)$',
    '(?:a|b){2,5}',
    '\\d+\\.\\d{1,3}',
    '[^a-z]+?',
    'a*?b',
    '@example\\.(com|org)$',
    '[\\]\\[]',
    'ü{0,255}',
    '\\-\\/',
  ])('%s is read alike everywhere', (pattern) => {
    expect(checkPattern(pattern)).toBeUndefined()
  })

  test.each([
    ['', 0],
    ['a(?=b)', 1],
    ['(?<!a)b', 0],
    ['(?<year>\\d)', 0],
    ['(?P<year>\\d)', 0],
    ['(?i)a', 0],
    ['(a)\\1', 3],
    ['\\bword', 0],
    ['a\\w', 1],
    ['\\p{L}', 0],
    ['[a', 0],
    ['[]', 0],
    ['[[:alpha:]]', 1],
    ['[a&&b]', 2],
    ['a{,3}', 1],
    ['a{256}', 1],
    ['a{1,999}', 1],
    ['a]', 1],
    ['a*+', 1],
    ['a\\', 1],
    ['a(', 0],
    ['*a', 0],
    ['a{3,1}', 0],
    ['a**', 0],
  ])('%s is refused', (pattern, index) => {
    expect(checkPattern(pattern)).toMatchObject({ index })
  })
})
