import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const events = Array.from({ length: 40 }, (_, number) => `Event ${number}`)
const perFile = 20

/**
 * Writes a project with this many definitions, 20 a file, over 40 event tables of a row each: half of them traits
 * computed from events, a tenth formulas, the rest audiences with windows, funnels, traits and other audiences.
 *
 * @returns the definition files, absolute
 */
export function writeLargeProject(
  folder: string,
  definitions: number,
): { readonly files: readonly string[] } {
  writeFileSync(
    join(folder, 'personas.config.yaml'),
    'name: large\nversion: 1\ntarget: local\ntargets:\n  local: { type: duckdb, path: target/large.duckdb, schema: personas }\n',
  )
  mkdirSync(join(folder, 'models'))
  writeFileSync(
    join(folder, 'models/sources.yml'),
    'sources:\n  - { name: web, format: segment, schema: web }\n',
  )
  writeTables(join(folder, 'seeds/web'))
  const files: string[] = []
  for (let first = 0; first < definitions; first += perFile) {
    const numbers = Array.from({ length: Math.min(perFile, definitions - first) }, (_, step) => first + step)
    const traits = numbers.filter((number) => !isAudience(number)).map(trait)
    const audiences = numbers.filter(isAudience).map(audience)
    const team = join(folder, 'models', `team_${Math.floor(first / 400)}`)
    mkdirSync(team, { recursive: true })
    const file = join(team, `definitions_${first}.yml`)
    writeFileSync(file, `traits:\n${traits.join('')}\naudiences:\n${audiences.join('')}`)
    files.push(file)
  }
  return { files }
}

/** Of each ten: five traits, one formula, four audiences. */
function isAudience(number: number): boolean {
  return number % 10 >= 6
}

function event(number: number): string {
  return events[number % events.length] ?? ''
}

function trait(number: number): string {
  const name = `trait_${number}`
  const own = `  - name: ${name}\n    description: Number ${number}\n    owner: team\n    tags: [t${number % 7}]\n`
  switch (number % 10) {
    case 0:
      return `${own}    type: count\n    event: ${event(number)}\n    within: ${30 + (number % 60)}d\n`
    case 1:
      return `${own}    type: sum\n    event: ${event(number)}\n    property: amount\n    where:\n      - { property: kind, equals: k${number % 9} }\n`
    case 2:
      return `${own}    type: most_frequent\n    event: ${event(number)}\n    property: kind\n    min_frequency: 2\n`
    case 3:
      return `${own}    type: last\n    event: ${event(number)}\n    property: kind\n`
    case 4:
      return `${own}    type: unique_list\n    event: ${event(number)}\n    property: kind\n`
    default:
      return `${own}    type: formula\n    expression: trait_${number - 4} / nullif(trait_${number - 5}, 0)\n`
  }
}

function audience(number: number): string {
  const own = `  - name: audience_${number}\n    description: Number ${number}\n    owner: team\n    match:\n      all:\n`
  const base = number - (number % 10)
  const spent = `        - { trait: trait_${base + 1}, greater_than: ${number % 500} }\n`
  switch (number % 10) {
    case 6:
      return `${own}${spent}        - { event: ${event(number)}, count: { exactly: 0 }, within: 60d }\n`
    case 7:
      return `${own}        - { audience: audience_${number - 1} }\n        - not: { trait: trait_${base + 3}, one_of: [k1, k2] }\n`
    case 8:
      return `${own}        - event: ${event(number)}\n          within: 30d\n          then: { not: true, event: ${event(number + 1)}, within: 1h, where: [{ property: kind, equals: { parent: kind } }] }\n`
    default:
      return `${own}        - any:\n            - { event: ${event(number)}, count: { at_least: 3 }, between: [30d, 90d], where: [{ property: kind, one_of: [a, b] }] }\n            - { trait: trait_${base}, greater_than: 2 }\n`
  }
}

function writeTables(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const shared = 'id,anonymous_id,user_id,received_at,timestamp,event,event_text'
  const row = (number: number): string =>
    `e${number},a${number},u${number},2026-01-01 10:00:00,2026-01-01 10:00:00,event_${number},${events[number]}`
  writeFileSync(
    join(folder, 'tracks.csv'),
    `${[shared, ...events.map((_, number) => row(number))].join('\n')}\n`,
  )
  events.forEach((_, number) => {
    const text = `${shared},amount,kind\n${row(number)},${number}.50,k${number % 9}\n`
    writeFileSync(join(folder, `event_${number}.csv`), text)
  })
}
