import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

/** What a grammar becomes. */
export interface Parser<Node> {
  parse(text: string): Node
}

/** What the build compiled of `<name>.peggy`; in the sources it is compiled here. */
export function loadParser<Node>(name: 'query' | 'fql'): Parser<Node> {
  const compiled = fileURLToPath(new URL(`../query/${name}-parser.cjs`, import.meta.url))
  if (existsSync(compiled)) return require(compiled)
  const grammar = fileURLToPath(new URL(`${name}.peggy`, import.meta.url))
  return require('peggy').generate(readFileSync(grammar, 'utf8'))
}

interface Expectation {
  readonly type: string
  readonly text?: string
  readonly description?: string
}

export interface SyntaxFailure extends Error {
  readonly expected: readonly Expectation[]
  readonly location: { readonly start: { readonly offset: number } }
}

export function isSyntaxError(thrown: unknown): thrown is SyntaxFailure {
  return thrown instanceof Error && 'expected' in thrown && 'location' in thrown
}
