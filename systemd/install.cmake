# SPDX-License-Identifier: MIT
# The part of installing that depends on the final prefix, so it runs with `cmake --install` (also with --prefix) and not
# with cmake: which folders have to be made, units, sysusers, tmpfiles, configuration; and the way back. HOGA_STEP is
#   note       before anything is copied: write the folders that do not exist yet to install_dirs.txt
#   files      copy what stands in systemd/ and conf/
#   uninstall  take away what install_manifest.txt lists, and the noted folders as far as they are empty
# HOGA_SOURCE, HOGA_BINARY, HOGA_BINDIR, HOGA_DOCDIR, HOGA_SYSCONFDIR, HOGA_UNITDIR come from CMakeLists.txt. DESTDIR is
# honoured everywhere, also by uninstall.
set(noted_file ${HOGA_BINARY}/install_dirs.txt)
string(REGEX REPLACE "/+$" "" prefix "${CMAKE_INSTALL_PREFIX}")

# The daemon reads /etc/hoga wherever its program lies: the two usual prefixes keep their configuration there.
if(IS_ABSOLUTE "${HOGA_SYSCONFDIR}")
  set(conf_dir ${HOGA_SYSCONFDIR}/hoga)
elseif(prefix MATCHES "^/usr(/local)?$")
  set(conf_dir /etc/hoga)
else()
  set(conf_dir ${prefix}/${HOGA_SYSCONFDIR}/hoga)
endif()
# Debian's packages want units in /lib (what systemd.pc says, HOGA_UNITDIR); systemd searches /usr/local by itself.
set(unit_dir ${prefix}/lib/systemd/system)
if(prefix STREQUAL /usr)
  set(unit_dir ${HOGA_UNITDIR})
endif()

# Write `dir` and those above it that do not exist yet to the list.
function(note_dir dir)
  string(REPLACE "\${CMAKE_INSTALL_PREFIX}" "${prefix}" dir "${dir}")
  while(NOT dir STREQUAL "/" AND NOT dir STREQUAL "" AND NOT EXISTS "$ENV{DESTDIR}${dir}")
    file(APPEND ${noted_file} "${dir}\n")
    get_filename_component(dir "${dir}" DIRECTORY)
  endwhile()
endfunction()

function(step_note)
  file(GLOB_RECURSE scripts ${HOGA_BINARY}/cmake_install.cmake)
  foreach(script ${scripts})
    file(STRINGS ${script} rows REGEX "file\\(INSTALL DESTINATION ")
    foreach(row ${rows})
      string(REGEX REPLACE ".*file\\(INSTALL DESTINATION \"([^\"]+)\".*" "\\1" dir "${row}")
      note_dir("${dir}")
    endforeach()
  endforeach()
  foreach(dir ${unit_dir} ${prefix}/lib/systemd/user ${prefix}/lib/sysusers.d ${prefix}/lib/tmpfiles.d ${conf_dir})
    note_dir(${dir})
  endforeach()
endfunction()

# install_file(FROM DIR): copy, and put the name on the manifest (file(INSTALL) does both).
macro(install_file from dir)
  file(INSTALL DESTINATION "${dir}" TYPE FILE FILES "${from}")
endmacro()

# The units name /usr/bin and /etc as they stand, so that systemd-analyze can read them in the source tree.
macro(install_unit name dir)
  file(READ ${HOGA_SOURCE}/systemd/${name} text)
  string(REPLACE /usr/bin/ ${prefix}/${HOGA_BINDIR}/ text "${text}")
  string(REPLACE /etc/hoga/ ${conf_dir}/ text "${text}")
  if(NOT conf_dir STREQUAL /etc/hoga)
    string(REGEX REPLACE "(ExecStart=[^\n]*/hogad)\n" "\\1 -c ${conf_dir}/hoga.conf\n" text "${text}")
  endif()
  file(WRITE ${HOGA_BINARY}/systemd/${name} "${text}")
  install_file(${HOGA_BINARY}/systemd/${name} ${dir})
endmacro()

if(HOGA_STEP STREQUAL "note")
  step_note()
elseif(HOGA_STEP STREQUAL "files")
  install_unit(hogad.service ${unit_dir})
  install_unit(hogad@.service ${unit_dir})
  install_unit(user/hogad.service ${prefix}/lib/systemd/user)
  install_file(${HOGA_SOURCE}/systemd/sysusers.d/hoga.conf ${prefix}/lib/sysusers.d)
  install_file(${HOGA_SOURCE}/systemd/tmpfiles.d/hoga.conf ${prefix}/lib/tmpfiles.d)
  # The example in the documentation is always the new one; the configuration itself is only put where there is none.
  if(EXISTS "$ENV{DESTDIR}${conf_dir}/hoga.conf")
    message(STATUS "Kept: $ENV{DESTDIR}${conf_dir}/hoga.conf")
  else()
    install_file(${HOGA_SOURCE}/conf/hoga.conf ${conf_dir})
  endif()
  # Wherever this configuration is, uninstall has to find it again, also after a second install that kept it.
  file(WRITE ${HOGA_BINARY}/install_conf.txt "${conf_dir}/hoga.conf\n${prefix}/${HOGA_DOCDIR}/examples/hoga.conf\n")
endif()

# The configuration goes with the rest unless somebody edited it: it still equals the example, or it stays.
function(uninstall_conf ret_kept)
  set(${ret_kept} "" PARENT_SCOPE)
  file(STRINGS ${HOGA_BINARY}/install_conf.txt names)
  list(GET names 0 conf)
  list(GET names 1 example)
  if(NOT EXISTS "$ENV{DESTDIR}${conf}")
    return()
  endif()
  file(SHA256 "$ENV{DESTDIR}${conf}" is)
  set(was "")
  if(EXISTS "$ENV{DESTDIR}${example}")
    file(SHA256 "$ENV{DESTDIR}${example}" was)
  endif()
  if(is STREQUAL was)
    file(REMOVE "$ENV{DESTDIR}${conf}")
  else()
    message(STATUS "Kept, because it was edited: $ENV{DESTDIR}${conf}")
    set(${ret_kept} ${conf} PARENT_SCOPE)
  endif()
endfunction()

if(HOGA_STEP STREQUAL "uninstall")
  set(manifest ${HOGA_BINARY}/install_manifest.txt)
  if(NOT EXISTS ${manifest})
    message(FATAL_ERROR "uninstall: ${manifest}: no such file: nothing was installed from this build directory")
  endif()
  uninstall_conf(kept)
  file(STRINGS ${manifest} names)
  foreach(name ${names})
    if(NOT name STREQUAL "${kept}" AND (EXISTS "$ENV{DESTDIR}${name}" OR IS_SYMLINK "$ENV{DESTDIR}${name}"))
      file(REMOVE "$ENV{DESTDIR}${name}")
      message(STATUS "Removed: $ENV{DESTDIR}${name}")
    endif()
  endforeach()
  file(STRINGS ${noted_file} dirs)
  list(SORT dirs ORDER DESCENDING) # what lies inside a folder sorts behind it, so it goes first
  foreach(dir ${dirs})
    file(GLOB inside "$ENV{DESTDIR}${dir}/*" "$ENV{DESTDIR}${dir}/.[!.]*")
    if(IS_DIRECTORY "$ENV{DESTDIR}${dir}" AND NOT inside)
      file(REMOVE_RECURSE "$ENV{DESTDIR}${dir}")
    endif()
  endforeach()
  file(REMOVE ${manifest} ${noted_file} ${HOGA_BINARY}/install_conf.txt)
endif()
