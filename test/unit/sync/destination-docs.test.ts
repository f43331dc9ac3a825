import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { builtIn } from '../../../src/sync/destinations/registry.ts'
import { settingList } from '../../../src/sync/setting-list.ts'

const types = await Promise.all(Object.values(builtIn).map((load) => load()))
const page = join(import.meta.dirname, '../../../docs/destinations.md')
const [begin, end] = ['<!-- types: begin -->', '<!-- types: end -->']

/** The list of types as it stands in the page; `UPDATE_GOLDEN=1` writes it. */
function listOfTypes(): string {
  return types
    .map((type) => {
      const rows = settingList(type).map(({ name, kind, required, secret, standard, about }) => {
        const value = required ? 'required' : standard === undefined ? '' : `\`${standard}\``
        return `| \`${name}\` | ${kind.replaceAll('|', 'or')} | ${value} | ${about}${secret ? ' (secret)' : ''} |`
      })
      return [
        `## \`${type.type}\``,
        '',
        `${sentence(type.summary)}${type.note === undefined ? '' : ` *${sentence(type.note)}*`}`,
        ...(type.takes === undefined ? [] : ['', `Fields: ${type.takes}`]),
        '',
        '| setting | value | default | |',
        '|---|---|---|---|',
        ...rows,
      ].join('\n')
    })
    .join('\n\n')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

test('docs/destinations.md lists every type with its settings', () => {
  const text = readFileSync(page, 'utf8')
  const before = text.slice(0, text.indexOf(begin) + begin.length)
  const after = text.slice(text.indexOf(end))
  const whole = `${before}\n\n${listOfTypes()}\n\n${after}`
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(page, whole)
  expect(readFileSync(page, 'utf8')).toBe(whole)
})

test.each(types.map((type) => [type.type, type] as const))('%s says all that is asked', (_, type) => {
  const settings = settingList(type)
  expect(settings.filter(({ about }) => about === '').map(({ name }) => name)).toEqual([])
  expect(settings.map(({ name }) => name)).toEqual(expect.arrayContaining([...type.secrets]))
  expect(type.takes).toBeDefined()
  const read = type.settings.safeParse(type.example)
  expect(read.error).toBeUndefined()
})
