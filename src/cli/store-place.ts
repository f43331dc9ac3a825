import { relative } from 'node:path'
import type { Config } from '../config/config.ts'

/** Where profiles are served from, without anything secret. */
export function placeOfStore({ serving: { store } }: Config): string {
  switch (store.type) {
    case 'embedded':
      return relative(process.cwd(), store.path) || '.'
    case 'postgres':
      return `schema ${store.schema} of the serving store`
  }
}
