#include <openssl/evp.h>

#include "persona/base.h"

struct persona_hash {
	EVP_MD_CTX *context;
};

int persona_hash_new(struct persona_hash **out, struct persona_error *err)
{
	struct persona_hash *hash = calloc(1, sizeof *hash);

	*out = NULL;
	if (hash)
		hash->context = EVP_MD_CTX_new();
	if (!hash || !hash->context || EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1) {
		persona_hash_free(hash);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	*out = hash;
	return 0;
}

int persona_hash_add(struct persona_hash *hash, const void *bytes, size_t len, struct persona_error *err)
{
	if (EVP_DigestUpdate(hash->context, bytes, len) != 1)
		return persona_error_set(err, PERSONA_E_NOMEM, "cannot hash");
	return 0;
}

int persona_hash_final(struct persona_hash *hash, char hex[PERSONA_HASH_HEX], struct persona_error *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[32];

	if (EVP_DigestFinal_ex(hash->context, digest, NULL) != 1)
		return persona_error_set(err, PERSONA_E_NOMEM, "cannot hash");
	for (size_t i = 0; i < sizeof digest; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[2 * sizeof digest] = '\0';
	return 0;
}

void persona_hash_free(struct persona_hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

int persona_hash_bytes(char hex[PERSONA_HASH_HEX], const void *bytes, size_t len, struct persona_error *err)
{
	struct persona_hash *hash;
	int rc;

	if (persona_hash_new(&hash, err) < 0)
		return -1;
	rc = persona_hash_add(hash, bytes, len, err);
	if (!rc)
		rc = persona_hash_final(hash, hex, err);
	persona_hash_free(hash);
	return rc;
}

uint64_t persona_mix64(uint64_t seed, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;
	uint64_t value = seed ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		value = (value ^ byte[i]) * 0x100000001b3u;
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdu;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53u;
	value ^= value >> 33;
	return value;
}
