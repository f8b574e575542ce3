-- A library as limner 0.1.0 left it, written out by SQLite; see test_migrations.py.
PRAGMA application_id = 1281977710;
PRAGMA user_version = 0;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE alternatives (
	"key" INTEGER NOT NULL, 
	slot_key INTEGER NOT NULL, 
	chat_key INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	id TEXT NOT NULL, 
	prompt TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	request_key TEXT, 
	digest TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	width BIGINT NOT NULL, 
	height BIGINT NOT NULL, 
	seed TEXT NOT NULL, 
	info TEXT NOT NULL, 
	made_at DOUBLE NOT NULL, 
	CONSTRAINT pk_alternatives PRIMARY KEY ("key"), 
	CONSTRAINT fk_alternatives_chat_key FOREIGN KEY(chat_key) REFERENCES chats ("key") ON DELETE CASCADE, 
	CONSTRAINT fk_alternatives_digest_media_type FOREIGN KEY(digest, media_type) REFERENCES images (digest, media_type) ON DELETE RESTRICT, 
	CONSTRAINT fk_alternatives_slot_key FOREIGN KEY(slot_key) REFERENCES slots ("key") ON DELETE CASCADE, 
	CONSTRAINT uq_alternatives_slot_key_id UNIQUE (slot_key, id)
);
INSERT INTO "alternatives" VALUES(1,1,1,0,'b108dd94143b4f4da99706d1877e4793','a fox',0,'k','8fb92ca0214ea410e65c5fe0a29ea686eae6a9a29d6a3b0fb1bd78e8df2a3ce3','image/png',64,48,'0','{}',1.79600725614259052278e+09);
INSERT INTO "alternatives" VALUES(2,1,1,1,'e15abd25d0364b61891b0766517609f9','a fox',0,NULL,'fdf243d158313bc3a767d82451ade879b95aea66da69c1c6a190109e8db9857c','image/png',64,48,'1','{}',1.79600725621245861053e+09);
CREATE TABLE answers (
	"key" INTEGER NOT NULL, 
	message_key INTEGER NOT NULL, 
	variant BIGINT NOT NULL, 
	text TEXT NOT NULL, 
	state TEXT NOT NULL, 
	role TEXT NOT NULL, 
	owner TEXT, words TEXT, 
	CONSTRAINT pk_answers PRIMARY KEY ("key"), 
	CONSTRAINT fk_answers_message_key FOREIGN KEY(message_key) REFERENCES messages ("key") ON DELETE CASCADE, 
	CONSTRAINT uq_answers_message_key_variant UNIQUE (message_key, variant)
);
INSERT INTO "answers" VALUES(1,1,0,'A half ﷐d83d, a NUL ﷐0000, <!--img-prompt="a fox"--> and <!--img-prompt="an owl"-->','complete','assistant','ann',NULL);
INSERT INTO "answers" VALUES(2,2,0,'Deleted.','writing','assistant',NULL,NULL);
CREATE TABLE chats (
	"key" INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	title TEXT, 
	created_at DOUBLE NOT NULL, 
	updated_at DOUBLE NOT NULL, 
	deleted_at DOUBLE, 
	messages INTEGER DEFAULT '0' NOT NULL, 
	pictures INTEGER DEFAULT '0' NOT NULL, 
	failed INTEGER DEFAULT '0' NOT NULL, 
	writing INTEGER DEFAULT '0' NOT NULL, owner TEXT, 
	CONSTRAINT pk_chats PRIMARY KEY ("key"), 
	CONSTRAINT uq_chats_id UNIQUE (id)
);
INSERT INTO "chats" VALUES(1,'tale',NULL,1.79600725614259052278e+09,1.7960072562834823132e+09,NULL,1,2,0,0,'ann');
CREATE TABLE costs (
	"key" INTEGER NOT NULL, 
	drawing TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	owner TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	micros BIGINT NOT NULL, 
	CONSTRAINT pk_costs PRIMARY KEY ("key")
);
INSERT INTO "costs" VALUES(1,'d',4.0,'ann','m','USD',500000);
CREATE TABLE drawings (
	"key" INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	owner TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	CONSTRAINT pk_drawings PRIMARY KEY ("key")
);
INSERT INTO "drawings" VALUES(1,4.0,'ann','m');
CREATE TABLE images (
	digest TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	CONSTRAINT pk_images PRIMARY KEY (digest, media_type)
);
INSERT INTO "images" VALUES('8fb92ca0214ea410e65c5fe0a29ea686eae6a9a29d6a3b0fb1bd78e8df2a3ce3','image/png',73,1.79600725614259052278e+09);
INSERT INTO "images" VALUES('fdf243d158313bc3a767d82451ade879b95aea66da69c1c6a190109e8db9857c','image/png',73,1.79600725621245861053e+09);
INSERT INTO "images" VALUES('60599b0e5c61812ea0fa3fce1ce5aeca07fbf98f7afa689941d35fba3b9c6c7b','image/png',73,1.79600725637725591654e+09);
CREATE TABLE jobs (
	slot_key INTEGER NOT NULL, 
	attempt BIGINT NOT NULL, 
	position BIGINT NOT NULL, 
	version BIGINT NOT NULL, 
	replaces TEXT, 
	requested_at DOUBLE NOT NULL, reference TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (slot_key, attempt), 
	CONSTRAINT fk_jobs_slot_key FOREIGN KEY(slot_key) REFERENCES slots ("key") ON DELETE CASCADE
);
INSERT INTO "jobs" VALUES(2,0,0,0,NULL,2.0,'');
CREATE TABLE messages (
	"key" INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	chat_key INTEGER NOT NULL, 
	selected BIGINT NOT NULL, 
	deleted_at DOUBLE, 
	messages INTEGER DEFAULT '0' NOT NULL, 
	pictures INTEGER DEFAULT '0' NOT NULL, 
	failed INTEGER DEFAULT '0' NOT NULL, 
	writing INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY ("key"), 
	CONSTRAINT fk_messages_chat_key FOREIGN KEY(chat_key) REFERENCES chats ("key") ON DELETE CASCADE, 
	CONSTRAINT uq_messages_id UNIQUE (id)
);
INSERT INTO "messages" VALUES(1,'m',1,0,NULL,1,2,0,0);
INSERT INTO "messages" VALUES(2,'gone',1,0,1.7960072562834823132e+09,0,0,0,0);
CREATE TABLE operation_pictures (
	operation_key INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	CONSTRAINT pk_operation_pictures PRIMARY KEY (operation_key, digest, media_type), 
	CONSTRAINT fk_operation_pictures_digest_media_type FOREIGN KEY(digest, media_type) REFERENCES images (digest, media_type) ON DELETE RESTRICT, 
	CONSTRAINT fk_operation_pictures_operation_key FOREIGN KEY(operation_key) REFERENCES operations ("key") ON DELETE CASCADE
);
INSERT INTO "operation_pictures" VALUES(1,'8fb92ca0214ea410e65c5fe0a29ea686eae6a9a29d6a3b0fb1bd78e8df2a3ce3','image/png');
INSERT INTO "operation_pictures" VALUES(1,'fdf243d158313bc3a767d82451ade879b95aea66da69c1c6a190109e8db9857c','image/png');
CREATE TABLE operations (
	"key" INTEGER NOT NULL, 
	message_key INTEGER NOT NULL, 
	variant BIGINT NOT NULL, 
	last_ordinal BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	undone BOOLEAN NOT NULL, 
	CONSTRAINT pk_operations PRIMARY KEY ("key"), 
	CONSTRAINT fk_operations_message_key FOREIGN KEY(message_key) REFERENCES messages ("key") ON DELETE CASCADE
);
INSERT INTO "operations" VALUES(1,1,0,0,'regenerate','[{"ordinal":0,"tag_prompt":"a fox","tag_source":"<!--img-prompt=\"a fox\"-->","tag_start":19,"tag_end":44,"tag_attributes":{},"current_version":0,"state":"ready","selected":0,"failure_kind":null,"failure_reason":null,"attempts":1,"versions":[{"number":0,"text":"a fox","parent":null,"source":"model","feedback":null}],"alternatives":[{"position":0,"id":"b108dd94143b4f4da99706d1877e4793","prompt":"a fox","version":0,"request_key":"k","digest":"8fb92ca0214ea410e65c5fe0a29ea686eae6a9a29d6a3b0fb1bd78e8df2a3ce3","media_type":"image/png","width":64,"height":48,"seed":0,"info":{},"size":73}],"jobs":[]}]','[{"ordinal":0,"tag_prompt":"a fox","tag_source":"<!--img-prompt=\"a fox\"-->","tag_start":19,"tag_end":44,"tag_attributes":{},"current_version":0,"state":"ready","selected":1,"failure_kind":null,"failure_reason":null,"attempts":2,"versions":[{"number":0,"text":"a fox","parent":null,"source":"model","feedback":null}],"alternatives":[{"position":0,"id":"b108dd94143b4f4da99706d1877e4793","prompt":"a fox","version":0,"request_key":"k","digest":"8fb92ca0214ea410e65c5fe0a29ea686eae6a9a29d6a3b0fb1bd78e8df2a3ce3","media_type":"image/png","width":64,"height":48,"seed":0,"info":{},"size":73},{"position":1,"id":"e15abd25d0364b61891b0766517609f9","prompt":"a fox","version":0,"request_key":null,"digest":"fdf243d158313bc3a767d82451ade879b95aea66da69c1c6a190109e8db9857c","media_type":"image/png","width":64,"height":48,"seed":1,"info":{},"size":73}],"jobs":[]}]',0);
CREATE TABLE presets (
	"key" INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	template TEXT NOT NULL, 
	attributes TEXT NOT NULL, 
	updated_at DOUBLE NOT NULL, 
	CONSTRAINT pk_presets PRIMARY KEY ("key"), 
	CONSTRAINT uq_presets_id UNIQUE (id)
);
INSERT INTO "presets" VALUES(1,'mine','Mine','…','{"a":1}',1.79600725635727286339e+09);
CREATE TABLE prompt_versions (
	slot_key INTEGER NOT NULL, 
	number BIGINT NOT NULL, 
	text TEXT NOT NULL, 
	parent BIGINT, 
	source TEXT NOT NULL, 
	feedback TEXT, 
	CONSTRAINT pk_prompt_versions PRIMARY KEY (slot_key, number), 
	CONSTRAINT fk_prompt_versions_slot_key FOREIGN KEY(slot_key) REFERENCES slots ("key") ON DELETE CASCADE
);
INSERT INTO "prompt_versions" VALUES(2,0,'an owl',NULL,'model',NULL);
INSERT INTO "prompt_versions" VALUES(1,0,'a fox',NULL,'model',NULL);
CREATE TABLE reference_pictures (
	"key" INTEGER NOT NULL, 
	owner TEXT NOT NULL, 
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	width BIGINT NOT NULL, 
	height BIGINT NOT NULL, 
	meant_for TEXT NOT NULL, 
	kept_at DOUBLE NOT NULL, 
	CONSTRAINT pk_reference_pictures PRIMARY KEY ("key"), 
	CONSTRAINT uq_reference_pictures_owner_name UNIQUE (owner, name), 
	CONSTRAINT fk_reference_pictures_digest_media_type FOREIGN KEY(digest, media_type) REFERENCES images (digest, media_type) ON DELETE RESTRICT
);
INSERT INTO "reference_pictures" VALUES(1,'','ann.png','60599b0e5c61812ea0fa3fce1ce5aeca07fbf98f7afa689941d35fba3b9c6c7b','image/png',64,48,'["here"]',1.79600725637725591654e+09);
CREATE TABLE settings (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_settings PRIMARY KEY (name)
);
INSERT INTO "settings" VALUES('server','{"max_concurrent":2}');
CREATE TABLE slots (
	"key" INTEGER NOT NULL, 
	answer_key INTEGER NOT NULL, 
	ordinal BIGINT NOT NULL, 
	tag_prompt TEXT NOT NULL, 
	tag_source TEXT NOT NULL, 
	tag_start BIGINT NOT NULL, 
	tag_end BIGINT NOT NULL, 
	tag_attributes TEXT NOT NULL, 
	current_version BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	selected BIGINT, 
	failure_kind TEXT, 
	failure_reason TEXT, 
	attempts BIGINT NOT NULL, 
	CONSTRAINT pk_slots PRIMARY KEY ("key"), 
	CONSTRAINT fk_slots_answer_key FOREIGN KEY(answer_key) REFERENCES answers ("key") ON DELETE CASCADE, 
	CONSTRAINT uq_slots_answer_key_ordinal UNIQUE (answer_key, ordinal)
);
INSERT INTO "slots" VALUES(1,1,0,'a fox','<!--img-prompt="a fox"-->',19,44,'{}',0,'ready',1,NULL,NULL,2);
INSERT INTO "slots" VALUES(2,1,1,'an owl','<!--img-prompt="an owl"-->',49,75,'{}',0,'queued',NULL,NULL,NULL,1);
CREATE TABLE text_chunks (
	"key" INTEGER NOT NULL, 
	answer_key INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_text_chunks PRIMARY KEY ("key"), 
	CONSTRAINT fk_text_chunks_answer_key FOREIGN KEY(answer_key) REFERENCES answers ("key") ON DELETE CASCADE
);
INSERT INTO "text_chunks" VALUES(1,1,' More.');
CREATE INDEX ix_chats_updated_at_key ON chats (updated_at, "key");
CREATE INDEX ix_drawings_at ON drawings (at);
CREATE INDEX ix_drawings_message_id ON drawings (message_id);
CREATE INDEX ix_drawings_owner_at ON drawings (owner, at);
CREATE INDEX ix_messages_chat_key_key ON messages (chat_key, "key");
CREATE INDEX ix_answers_state ON answers (state);
CREATE INDEX ix_operations_message_key_key ON operations (message_key, "key");
CREATE INDEX ix_operation_pictures_digest_media_type ON operation_pictures (digest, media_type);
CREATE INDEX ix_slots_state ON slots (state);
CREATE INDEX ix_text_chunks_answer_key_key ON text_chunks (answer_key, "key");
CREATE INDEX ix_alternatives_chat_key_key ON alternatives (chat_key, "key");
CREATE INDEX ix_alternatives_digest_media_type ON alternatives (digest, media_type);
CREATE INDEX ix_alternatives_request_key ON alternatives (request_key);
CREATE INDEX ix_answers_message_key_words ON answers (message_key, words);
CREATE INDEX ix_chats_owner_updated_at_key ON chats (owner, updated_at, "key");
CREATE INDEX ix_costs_drawing ON costs (drawing);
CREATE INDEX ix_costs_message_id ON costs (message_id);
CREATE INDEX ix_costs_unit_at ON costs (unit, at);
CREATE INDEX ix_costs_owner_unit_at ON costs (owner, unit, at);
CREATE INDEX ix_reference_pictures_digest_media_type ON reference_pictures (digest, media_type);
COMMIT;
