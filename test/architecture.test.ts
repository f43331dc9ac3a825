import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Besides itself and diagnostics; config and ir: nothing else. Nothing imports cli. */
const mayImport: Record<string, readonly string[]> = {
  diagnostics: [],
  config: [],
  query: [],
  definitions: ['config', 'query'],
  lint: ['definitions'],
  ir: [],
  sample: [],
  dialects: ['ir'],
  sql: ['ir', 'dialects'],
  identity: ['definitions', 'ir', 'dialects', 'sql'],
  compiler: ['config', 'definitions', 'ir', 'dialects', 'sql', 'identity'],
  adapters: ['config', 'dialects', 'ir'],
  sync: ['config', 'definitions', 'ir', 'dialects', 'sql', 'identity', 'compiler', 'adapters'],
  serve: ['config', 'definitions', 'ir', 'dialects', 'sql', 'compiler', 'adapters'],
  runner: ['config', 'definitions', 'ir', 'dialects', 'sql', 'identity', 'compiler', 'adapters'],
}

/** Each driver or parser has one home. */
const homes: Record<string, readonly string[]> = {
  '@duckdb/node-api': ['adapters'],
  pg: ['adapters', 'sync', 'serve'],
  lmdb: ['serve'],
  fastify: ['serve'],
  knex: ['sql', 'adapters'],
  handlebars: ['sql', 'compiler'],
  yaml: ['config', 'definitions'],
  peggy: ['query'],
}

const src = resolve(import.meta.dirname, '../src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const folderOf = (file: string): string => (file.includes(sep) ? (file.split(sep)[0] ?? '') : '')

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
}

describe('architecture', () => {
  test.each(files.filter((file) => !['', 'cli'].includes(folderOf(file))))(
    '%s imports only what it may',
    (file) => {
      const folder = folderOf(file)
      const allowed = [folder, 'diagnostics', ...(mayImport[folder] ?? [])]
      const imported = importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => folderOf(relative(src, resolve(src, dirname(file), name))))
      expect(mayImport).toHaveProperty(folder)
      expect(imported.filter((name) => !allowed.includes(name))).toEqual([])
    },
  )

  test.each(files)('%s keeps drivers and parsers in their homes', (file) => {
    const strangers = importsOf(file).filter(
      (name) => homes[name] !== undefined && !homes[name]?.includes(folderOf(file)),
    )
    expect(strangers).toEqual([])
  })
})
