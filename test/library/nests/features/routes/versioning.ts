import {
  Controller,
  Get,
  type Type,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type VersioningOptions,
} from '@nestjs/common';
import type { Question } from '../../client.js';
import type { Trial } from '../../trial.js';

/** New classes for each application, as Nest keeps what it reads. */
function controllers(): Type<unknown>[] {
  @Controller({ path: 'versioned', version: '1' })
  class First {
    @Get()
    get(): string {
      return 'first';
    }

    @Version(['2', '3'])
    @Get()
    later(): string {
      return 'second or third';
    }
  }

  @Controller({ path: 'versioned', version: '4' })
  class Fourth {
    @Get()
    get(): string {
      return 'fourth';
    }
  }

  @Controller({ path: 'neutral', version: VERSION_NEUTRAL })
  class Neutral {
    @Get()
    get(): string {
      return 'neutral';
    }
  }

  @Controller('unversioned')
  class Unversioned {
    @Get()
    get(): string {
      return 'unversioned';
    }
  }
  return [First, Fourth, Neutral, Unversioned];
}

interface AnyRequest {
  headers: Record<string, string | undefined>;
}

const KINDS: Record<string, { options: VersioningOptions; ask: (version: string) => [string, Question] }> = {
  uri: {
    options: { type: VersioningType.URI },
    ask: (version) => [`/v${version}`, {}],
  },
  uriWithDefault: {
    options: { type: VersioningType.URI, prefix: 'version-', defaultVersion: ['1', VERSION_NEUTRAL] },
    ask: (version) => [`/version-${version}`, {}],
  },
  header: {
    options: { type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' },
    ask: (version) => ['', { headers: { 'x-version': version } }],
  },
  mediaType: {
    options: { type: VersioningType.MEDIA_TYPE, key: 'v=' },
    ask: (version) => ['', { headers: { accept: `application/json;v=${version}` } }],
  },
  custom: {
    options: {
      type: VersioningType.CUSTOM,
      extractor: (request: unknown) =>
        ((request as AnyRequest).headers['x-custom'] ?? '').split(',').filter(Boolean),
    },
    ask: (version) => ['', { headers: { 'x-custom': `9,${version}` } }],
  },
};

/** Versions by URI, header, media type and by one's own function. */
export default async function versioning(trial: Trial): Promise<unknown> {
  const answers: Record<string, unknown> = {};
  for (const [kind, { options, ask }] of Object.entries(KINDS)) {
    await trial.ask(
      { controllers: controllers() },
      async (client) => {
        for (const path of ['/versioned', '/neutral', '/unversioned']) {
          answers[`${kind} ${path}`] = await client.get(path);
          for (const version of ['1', '2', '3', '4', '5']) {
            const [prefix, question] = ask(version);
            answers[`${kind} ${version} ${path}`] = await client.ask(`${prefix}${path}`, question);
          }
        }
      },
      { prepare: (app) => app.enableVersioning(options) },
    );
  }
  return answers;
}
