# Installs the build into a folder of its own, builds the consumer project against it, and runs what
# came of both. Variables: BUILD, CONFIG, GENERATOR, COMPILER, SANITIZE (may be empty).
set(work ${BUILD}/install-test)
set(prefix ${work}/prefix)
file(REMOVE_RECURSE ${work})

# An archive that was built with sanitizers needs them in the program as well.
set(flags "")
if(SANITIZE)
  set(flags -fsanitize=${SANITIZE})
endif()

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${work}/consumer -G ${GENERATOR}
    -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${flags}
    -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${work}/consumer --config ${CONFIG})
run(${work}/consumer/consumer)
run(${prefix}/bin/dmd devices)

# A model from outside has every command: it is listed, trained, scored and refused by the others.
set(mine ${work}/consumer/mean_pooling)
set(run ${work}/run)
run(${mine} models)
run(${mine} train --model mean_pooling --data synthetic:60 --epochs 2 --device cpu --config small
    --out ${run})
run(${mine} eval --checkpoint ${run} --data synthetic:60 --device cpu)
run(${mine} predict --checkpoint ${run} --data synthetic:60 --device cpu --out ${work}/out.csv)
execute_process(COMMAND ${prefix}/bin/dmd eval --checkpoint ${run} --data synthetic:60
                RESULT_VARIABLE status ERROR_VARIABLE said)
if(status EQUAL 0 OR NOT said MATCHES "there is no model 'mean_pooling'")
  message(FATAL_ERROR "a program without the model should name it, and said: ${said}")
endif()
