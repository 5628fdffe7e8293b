import { Body, Controller, Get, ParseArrayPipe, Post, Query, ValidationPipe } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import type { Trial } from '../../trial.js';

class Line {
  @IsString()
  article!: string;

  @IsInt()
  @Min(1)
  count!: number;
}

class Order {
  @IsString()
  customer!: string;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines!: Line[];
}

class Page {
  @IsInt()
  @Type(() => Number)
  page!: number;
}

class Base {
  @Post('inherited')
  inherited(@Body() line: Line): object {
    return { is: line instanceof Line, line };
  }
}

@Controller('validation')
class Validation extends Base {
  @Post()
  create(@Body() order: Order): object {
    return { is: order instanceof Order, lines: order.lines.map((line) => line instanceof Line), order };
  }

  @Get()
  find(@Query() page: Page, @Query('flag') flag: boolean, @Query('count') count: number): object {
    return { is: page instanceof Page, page, flag, count };
  }

  @Get('list')
  list(@Query('ids', new ParseArrayPipe({ items: Number, optional: true })) ids?: number[]): object {
    return { ids };
  }
}

/** Bodies and queries become what the types of the parameters say, and are refused as class-validator says. */
export default async function validation(trial: Trial): Promise<unknown> {
  return await trial.ask(
    { controllers: [Validation] },
    async (client) => ({
      right: await client.post('/validation', {
        customer: 'a',
        lines: [{ article: 'b', count: 2 }],
        more: 1,
      }),
      wrong: await client.post('/validation', { customer: 5, lines: [{ article: 'b', count: 0 }] }),
      inherited: await client.post('/validation/inherited', { article: 'c', count: 1 }),
      inheritedWrong: await client.post('/validation/inherited', { article: 1 }),
      gets: await client.all([
        '/validation?page=3&flag=true&count=7',
        '/validation?page=x',
        '/validation/list?ids=1,2',
        '/validation/list?ids=a',
        '/validation/list',
      ]),
    }),
    {
      prepare: (app) => {
        app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
      },
    },
  );
}
