import type { HttpAnswer } from '../../../http.ts'
import { request } from '../../../http.ts'
import { authorized, type Login } from '../oauth.ts'
import { type JsonRequest, sendJson } from '../vendor.ts'

/** A Salesforce org: paths below `/services/data/<version>/`. */
export interface Org {
  ask(path: string, options: Omit<JsonRequest, 'headers'> & { readonly csv?: string }): Promise<HttpAnswer>
}

export function openOrg(login: Login, instanceUrl: string | undefined, version: string): Org {
  return {
    ask: (path, { csv, ...options }) =>
      authorized(login, (grant) => {
        const url = `${(instanceUrl ?? grant.instance_url ?? '').replace(/\/+$/, '')}/services/data/v${version}/${path}`
        const headers = { authorization: `Bearer ${grant.access_token}` }
        if (csv === undefined) return sendJson(url, { ...options, headers })
        const { json: _, ...more } = options
        return request(url, {
          ...more,
          headers: { ...headers, 'content-type': 'text/csv; charset=UTF-8' },
          body: csv,
          timeoutMs: 300_000,
        })
      }),
  }
}
