import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CsvError } from '../../../src/adapters/csv-error.ts'
import { readCsv } from '../../../src/adapters/csv-rows.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'personas-csv-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(content: string | Buffer): Promise<readonly (readonly (string | null)[])[]> {
  const file = join(folder, 'table.csv')
  writeFileSync(file, content)
  const csv = await readCsv(file)
  const rows: (readonly (string | null)[])[] = [csv.columns.map(({ name }) => name)]
  for await (const row of csv.rows) rows.push(row)
  csv.close()
  return rows
}

describe('CSV files that are fine', () => {
  test.each([
    [
      'a byte order mark',
      '\uFEFFid,a\n1,x\n',
      [
        ['id', 'a'],
        ['1', 'x'],
      ],
    ],
    [
      'Windows line ends',
      'id,a\r\n1,x\r\n',
      [
        ['id', 'a'],
        ['1', 'x'],
      ],
    ],
    [
      'no line end at the end',
      'id,a\n1,x',
      [
        ['id', 'a'],
        ['1', 'x'],
      ],
    ],
    [
      'semicolons',
      'id;a\n1;"x,y"\n',
      [
        ['id', 'a'],
        ['1', 'x,y'],
      ],
    ],
    [
      'tabulators',
      'id\ta\n1\tx,y\n',
      [
        ['id', 'a'],
        ['1', 'x,y'],
      ],
    ],
    ['one column', 'id\n1\n', [['id'], ['1']]],
    ['only names', 'id,a\n', [['id', 'a']]],
    [
      'what only looks like a comment',
      '#id,a\n# 1,2\n',
      [
        ['#id', 'a'],
        ['# 1', '2'],
      ],
    ],
    [
      'quotation marks and line ends',
      '"id, or ""key""",a\n1,"x ""y"", z\nnew"\n2,it\'s\n',
      [
        ['id, or "key"', 'a'],
        ['1', 'x "y", z\nnew'],
        ['2', "it's"],
      ],
    ],
  ])('%s', async (_, content, rows) => {
    expect(await read(content)).toEqual(rows)
  })
})

describe('CSV files that are broken say where', () => {
  test.each([
    ['a field too few', 'a,b\n1,2\n3\n4,5\n', 3, 'the first line names 2 columns, but this one has 1'],
    [
      'a field too many in each line',
      'a,b\n1,2,3\n',
      2,
      'the first line names 2 columns, but this one has 3',
    ],
    [
      'a field too many far down',
      `a,b\n${'1,2\n'.repeat(50_000)}1,2,3\n`,
      50_002,
      'the first line names 2 columns, but this one has 3',
    ],
    ['an open quotation mark', 'a,b\n1,"x\n2,y\n', 2, 'a quotation mark is opened and not closed'],
    ['another encoding', Buffer.from('a,b\n1,\u00e9\n', 'latin1'), 2, 'it is not UTF-8 text'],
    ['two bytes a letter', Buffer.from('\uFEFFa,b\n', 'utf16le'), 1, 'it is not UTF-8 text'],
    ['no name', 'a,,c\n1,2,3\n', 1, 'column 2 of 3 has no name'],
    ['a name twice', 'Id,a,id\n1,2,3\n', 1, 'two columns are named `id`'],
    ['nothing', '', undefined, 'it is empty'],
    ['blank lines only', '\n\n', undefined, 'it is empty'],
  ])('%s', async (_, content, line, reason) => {
    const error = await read(content).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(CsvError)
    expect(error).toMatchObject({ line, reason, code: 'PSN5016' })
  })
})
