// As an application in CommonJS loads Nest 12, which is made of ES modules.
require('@nestjs/common');

exports.loaded = () => true;
