import { Body, Controller, Get, Param, Post, Query, VersioningType } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiOkResponse,
  ApiProperty,
  ApiTags,
  DocumentBuilder,
  SwaggerModule,
} from '@nestjs/swagger';
import type { Trial } from '../../trial.js';

class Pet {
  @ApiProperty()
  name!: string;

  @ApiProperty({ required: false, type: [String] })
  tags?: string[];
}

class PetQuery {
  @ApiProperty({ required: false })
  page?: number;
}

class Base {
  @Get('inherited/:key')
  inherited(@Param('key') key: string): string {
    return key;
  }
}

@ApiTags('pets')
@Controller({ path: 'pets', version: '1' })
class Pets extends Base {
  @Get(':id')
  @ApiOkResponse({ type: Pet })
  find(@Param('id') id: number, @Query() query: PetQuery, @Query('more') more?: string): Pet {
    return { name: `${id} ${query.page} ${more}` };
  }

  @Post()
  @ApiBearerAuth()
  async create(@Body() pet: Pet): Promise<Pet> {
    return await Promise.resolve(pet);
  }
}

/** The document before the application is there, after it, and as it is served. */
export default async function swagger(trial: Trial): Promise<unknown> {
  const builder = new DocumentBuilder().setTitle('Pets').addBearerAuth().build();
  const { app, client } = await trial.serve(
    { controllers: [Pets] },
    {
      prepare: (app) => {
        app.enableVersioning({ type: VersioningType.URI });
        const document = SwaggerModule.createDocument(app, builder);
        before = JSON.parse(JSON.stringify(document)) as unknown;
        SwaggerModule.setup('docs', app, document, { ui: false });
      },
    },
  );
  const after = SwaggerModule.createDocument(app, builder);
  const answers = await client.all(['/docs-json', '/docs', '/v1/pets/5?page=2', '/v1/pets/inherited/k']);
  await app.close();
  return { before, after, equal: JSON.stringify(before) === JSON.stringify(after), answers };
}

let before: unknown;
