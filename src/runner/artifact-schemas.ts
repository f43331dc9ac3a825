import type { z } from 'zod'
import { manifestSchema } from './manifest-file.ts'
import { runResultsSchema } from './run-results-file.ts'

/** What is published as `schemas/<name>.schema.json`. */
export const artifactSchemas: Readonly<Record<string, z.ZodType>> = {
  manifest: manifestSchema,
  run_results: runResultsSchema,
}
