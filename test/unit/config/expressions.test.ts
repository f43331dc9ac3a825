import { describe, expect, test } from 'vitest'
import { evaluateExpressions } from '../../../src/config/expressions.ts'

const variables = { env: { HOST: 'db', EMPTY: '' }, vars: { days: 90, list: ['a'], on: false, toString2: 1 } }
const evaluate = (text: string) => evaluateExpressions(text, variables)

describe('evaluateExpressions', () => {
  test.each([
    ["{{ env_var 'HOST' }}", 'db'],
    ['{{ env_var "HOST" }}:5432', 'db:5432'],
    ["{{env_var 'NOPE' 'localhost'}}", 'localhost'],
    ["{{ env_var 'EMPTY' 'x' }}", ''],
    ["{{ var 'days' }}", 90],
    ["{{ var 'days' }}d", '90d'],
    ["{{ var 'list' }}", ['a']],
    ["{{ var 'on' }}", false],
    ["{{ var 'nope' 'x' }}", 'x'],
    ["a {{ var 'days' }} b {{ env_var 'HOST' }} c", 'a 90 b db c'],
  ])('%s', (text, value) => {
    expect(evaluate(text)).toMatchObject({ value, errors: [] })
  })

  test('a missing variable is named at its place and leaves the text', () => {
    expect(evaluate("x {{ env_var 'NOPE' }} {{ var 'gone' }}")).toMatchObject({
      value: "x {{ env_var 'NOPE' }} {{ var 'gone' }}",
      errors: [
        { kind: 'environment', name: 'NOPE', index: 2, length: 20 },
        { kind: 'variable', name: 'gone', index: 23, length: 16 },
      ],
    })
  })

  test('what is inherited by every object is no variable', () => {
    expect(evaluate("{{ var 'toString' }}").errors).toMatchObject([{ kind: 'variable', name: 'toString' }])
  })

  test.each(['{{ env_var HOST }}', '{{ var }}', '{{ var "x }}', '{{', "{{ ref 'x' }}"])(
    '%s is no expression',
    (text) => {
      expect(evaluate(text).errors).toMatchObject([{ kind: 'syntax' }])
    },
  )

  test('only what the environment gave is from it', () => {
    expect(evaluate("{{ env_var 'HOST' }}{{ env_var 'NOPE' 'default' }}").fromEnvironment).toEqual(['db'])
  })
})
