import { compilerText } from './text/compiler.ts'
import { configText } from './text/config.ts'
import { definitionsText } from './text/definitions.ts'
import { lintText } from './text/lint.ts'
import { runText } from './text/run.ts'
import { serveText } from './text/serve.ts'
import { syncText } from './text/sync.ts'
import { warehouseText } from './text/warehouse.ts'

/** Every problem there is, by its stable code; each phase keeps its own table under `text/`. */
export const problemText = {
  ...configText,
  ...definitionsText,
  ...compilerText,
  ...lintText,
  ...warehouseText,
  ...runText,
  ...syncText,
  ...serveText,
}

export type ProblemCode = keyof typeof problemText

/** What the text of each code is made of. */
export type ParametersByCode = { readonly [C in ProblemCode]: Parameters<(typeof problemText)[C]>[0] }
