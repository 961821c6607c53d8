# How modules are built: one object library per folder of src/, which sees only
# the public headers, its own folder, and what it embeds.

set(PERSONA_WARNINGS -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
	-Wpointer-arith -Wwrite-strings -Wformat=2 -Wdeprecated-declarations)
if(PERSONA_WERROR)
	list(APPEND PERSONA_WARNINGS -Werror)
endif()

# Flags that all of our own C shares. The banned functions are banned by a
# header that every translation unit includes first.
add_library(persona_flags INTERFACE)
target_compile_definitions(persona_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
target_compile_options(persona_flags INTERFACE ${PERSONA_WARNINGS}
	-ffp-contract=off -fno-strict-aliasing -include ${CMAKE_SOURCE_DIR}/src/base/banned.h)
target_include_directories(persona_flags INTERFACE ${CMAKE_SOURCE_DIR}/include)
if(PERSONA_SANITIZE)
	target_compile_options(persona_flags INTERFACE -fsanitize=${PERSONA_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	target_link_options(persona_flags INTERFACE -fsanitize=${PERSONA_SANITIZE})
	# A program that has the sanitizer in it starts in four fifths of the time, and tests start thousands. clang does so unasked.
	if(PERSONA_SANITIZE MATCHES "address" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
		target_link_options(persona_flags INTERFACE -static-libasan -static-libubsan)
	endif()
endif()
if(PERSONA_COVERAGE)
	target_compile_options(persona_flags INTERFACE --coverage -fprofile-update=atomic)
	target_link_options(persona_flags INTERFACE --coverage)
endif()

set_property(GLOBAL PROPERTY PERSONA_MODULES "")
set_property(GLOBAL PROPERTY PERSONA_LIBRARIES "")

# persona_module(NAME [USES module…] [LIBRARIES library…] [EMBED folder [pattern…]])
#
# EMBED makes every file below the folder (that a pattern matches) a C array: <folder>/a/b-c.sql becomes
# embedded_a_b_c_sql and embedded_a_b_c_sql_len, declared in "embedded_NAME.h". Names must differ between modules.
function(persona_module name)
	cmake_parse_arguments(ARG "" "" "USES;LIBRARIES;EMBED" ${ARGN})
	if(PERSONA_ONLY AND NOT name IN_LIST PERSONA_ONLY)
		return()
	endif()
	file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
	if(NOT sources)
		return()
	endif()
	add_library(persona_${name} OBJECT ${sources})
	set_target_properties(persona_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
	target_link_libraries(persona_${name} PRIVATE persona_flags)
	target_include_directories(persona_${name} PRIVATE ${CMAKE_SOURCE_DIR}/src/${name})
	if(ARG_EMBED)
		list(POP_FRONT ARG_EMBED root)
		if(NOT ARG_EMBED)
			set(ARG_EMBED *)
		endif()
		list(TRANSFORM ARG_EMBED PREPEND ${root}/)
		file(GLOB_RECURSE files CONFIGURE_DEPENDS ${ARG_EMBED})
		set(out ${CMAKE_BINARY_DIR}/generated/${name}/embedded_${name})
		add_custom_command(OUTPUT ${out}.c ${out}.h
			COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DROOT=${root} "-DFILES=${files}"
				-P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
			DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
		target_sources(persona_${name} PRIVATE ${out}.c ${out}.h)
		target_include_directories(persona_${name} PRIVATE ${CMAKE_BINARY_DIR}/generated/${name})
	endif()
	set_property(GLOBAL APPEND PROPERTY PERSONA_MODULES persona_${name})
	set_property(GLOBAL APPEND PROPERTY PERSONA_LIBRARIES ${ARG_LIBRARIES})
endfunction()

# libpersona.a from all modules, with what it needs at link time.
function(persona_library)
	get_property(modules GLOBAL PROPERTY PERSONA_MODULES)
	get_property(libraries GLOBAL PROPERTY PERSONA_LIBRARIES)
	list(REMOVE_DUPLICATES libraries)
	set(objects "")
	foreach(module ${modules})
		list(APPEND objects $<TARGET_OBJECTS:${module}>)
	endforeach()
	add_library(libpersona STATIC ${objects})
	set_target_properties(libpersona PROPERTIES OUTPUT_NAME persona)
	target_link_libraries(libpersona PUBLIC ${libraries})
	target_include_directories(libpersona PUBLIC ${CMAKE_SOURCE_DIR}/include)
	list(TRANSFORM libraries PREPEND "-l")
	list(JOIN libraries " " PERSONA_PC_LIBRARIES)
	configure_file(${CMAKE_SOURCE_DIR}/cmake/persona.pc.in ${CMAKE_BINARY_DIR}/persona.pc @ONLY)
	install(TARGETS libpersona ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
	install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/persona DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
	install(FILES ${CMAKE_BINARY_DIR}/persona.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
