import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepareTemplates, type Templates } from '../src/sql/templates.ts'

/** Benchmarks run from the repository's root, compiled elsewhere. */
export function builtInTemplates(): Templates {
  const folder = join(process.cwd(), 'templates')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.sql.hbs'),
  )
  return prepareTemplates(
    new Map(files.map((file) => [file.replace(/\.sql\.hbs$/, ''), readFileSync(join(folder, file), 'utf8')])),
  )
}
