import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

/** What `/openapi.json` says besides the routes. */
export function openapi(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'personas Profile API',
        description:
          'Reads profiles as the last publish left them. For servers only: a token reads every profile.',
        version,
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'basic',
            description: 'The token as user name, an empty password.',
          },
        },
      },
    },
    // Names in `components` as they are declared.
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? index) },
  }
}
