import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type Handlebars from 'handlebars'
import type { Span } from '../diagnostics/span.ts'
import { callsIn, type Lexis } from '../dialects/calls-in.ts'

const require = createRequire(import.meta.url)

/** SQL shapes by template name, for example `trait` or `identity/edges`. */
export interface Templates {
  /** @throws Error if no template has that name, or the context lacks a name it uses (strict mode) */
  render(name: string, context: object): string
  /** Where a template first calls a function. */
  placeOfCall(name: string, lexis: Lexis): Span | undefined
}

/**
 * Prepares Handlebars templates for rendering SQL: no HTML escaping, strict names, `{{indent n text}}` the one helper.
 *
 * @param sources template name → text; a project's own templates have already replaced the built-in ones
 * @param folder of the project's own, relative to it
 */
export function prepareTemplates(sources: ReadonlyMap<string, string>, folder = 'templates'): Templates {
  const prepared = new Map<string, Handlebars.TemplateDelegate>()
  return {
    render(name, context) {
      let template = prepared.get(name)
      if (template === undefined) {
        const source = sources.get(name)
        if (source === undefined) throw new Error(`no template named ${name}`)
        template = prepare(name, source)
        prepared.set(name, template)
      }
      return template(context)
    },
    placeOfCall(name, lexis) {
      for (const [template, text] of sources) {
        const sql = text.replaceAll(/\{\{[\s\S]*?\}\}/g, (part) => part.replaceAll(/[^\n]/g, ' '))
        const call = callsIn(sql, lexis).find((each) => each.name === name)
        if (call !== undefined) return spanAt(`${folder}/${template}.sql.hbs`, text, call.at, name.length)
      }
      return undefined
    },
  }
}

function spanAt(file: string, text: string, at: number, length: number): Span {
  const line = text.slice(0, at).split('\n').length
  const column = at - text.lastIndexOf('\n', at - 1)
  return { file, line, column, endLine: line, endColumn: column + length }
}

interface Precompiled {
  readonly source: string
  readonly specification: object
}

/** The built-in templates, by name, where the build has compiled them; otherwise none. */
const precompiledFile = fileURLToPath(new URL('../sql/precompiled-templates.cjs', import.meta.url))
let precompiled: Readonly<Record<string, Precompiled>> | undefined

/** What the build compiled needs only the half of Handlebars that renders. */
function prepare(name: string, source: string): Handlebars.TemplateDelegate {
  precompiled ??= existsSync(precompiledFile) ? require(precompiledFile) : {}
  const found = precompiled?.[name]
  return found?.source === source
    ? handlebars('handlebars/runtime').template(found.specification)
    : handlebars('handlebars').compile(source, { noEscape: true, strict: true })
}

const loaded = new Map<string, typeof Handlebars>()

/** Loaded where something is rendered: often all of a project is as it was. */
function handlebars(part: 'handlebars' | 'handlebars/runtime'): typeof Handlebars {
  const known = loaded.get(part)
  if (known !== undefined) return known
  const library: typeof Handlebars = require(part)
  const created = library.create()
  created.registerHelper('indent', (spaces: number, text: string) => indent(spaces, text))
  loaded.set(part, created)
  return created
}

/** Indents every line but the first, which stands where the template put it. */
export function indent(spaces: number, text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`)
}
